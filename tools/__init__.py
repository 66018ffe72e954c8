"""What a laptop needs to start Peermentor: set-up, embedded servers, the supervisor, the checks."""
