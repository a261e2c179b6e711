"""The screen's colours: warm grounds of an old panel, one bright varnish. Everything else names them."""

from textual.theme import Theme

PENTIMENTO = Theme(
    name="pentimento",
    primary="#e0a458",
    secondary="#7fa99b",
    accent="#e0a458",
    success="#8fb573",
    warning="#e3b341",
    error="#e06c5b",
    foreground="#ece3d4",
    background="#171412",
    surface="#1e1a17",
    panel="#3a322b",
    dark=True,
    variables={"block-cursor-foreground": "#171412", "input-selection-background": "#e0a458 35%"},
)
