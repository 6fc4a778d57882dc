"""What third parties write, installed beside Coffer as they would install it."""
