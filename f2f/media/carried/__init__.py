"""What a file carries beside its picture and sound, and its translation keeps."""
