"""What may be logged beside numbers and text: a file a type, each loaded when it is first asked for."""
