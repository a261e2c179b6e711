"""The parts of the screen. They are given values and send messages; none of them knows the conversation."""
