"""What marks of pictures and of film have in common: tiles on planes of luma."""
