"""Every text that is sent to a language model, one file each."""
