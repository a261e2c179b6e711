"""How hard a picture model tries: arguments of every tool that draws. A person may write them out; no plan holds them."""

from typing import Annotated

from pydantic import Field

from pentimento.tools.attempts import ATTEMPTS

_NOT_PLANNED = {"planned": False}
Steps = Annotated[int, Field(ge=1, le=150, description="steps in which it is drawn", json_schema_extra=_NOT_PLANNED)]
Guidance = Annotated[
    float, Field(ge=1, le=30, description="how closely it keeps to the words", json_schema_extra=_NOT_PLANNED)
]
ImageGuidance = Annotated[
    float, Field(ge=1, le=10, description="how closely it keeps to the picture", json_schema_extra=_NOT_PLANNED)
]
Attempts = Annotated[
    int,
    Field(ge=1, le=ATTEMPTS, description="drawings at most, while the check fails", json_schema_extra=_NOT_PLANNED),
]
