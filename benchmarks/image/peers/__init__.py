"""Our image mark and those that pip installs, on the same pictures under the same attacks."""
