"""What the models learn from: packing videos, and drawing windows of faces and sound."""
