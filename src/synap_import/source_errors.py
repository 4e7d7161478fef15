"""What an adapter lets through about an answer, as a sentence for whoever runs the import."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

import httpx
from pydantic import ValidationError

from .errors import SourceError
from .polite_http import explain_status

_SHOWN = 3


@contextmanager
def explained() -> Iterator[None]:
    """A refusal, an answer that is no JSON or has another shape than the adapter's models.

    Raises SourceError or SourceUnavailableError in their place. No value of an answer is repeated.
    """
    try:
        yield
    except httpx.HTTPStatusError as error:
        raise explain_status(error) from None
    except httpx.InvalidURL as error:
        raise SourceError(
            f"The address of the source cannot be used ({error}).",
            remedy="Check the option or variable that it comes from.",
        ) from None
    except RecursionError:
        raise SourceError(
            "The source answered with JSON that is nested too deeply to be read.",
            remedy="Is it the right address, and the right file?",
        ) from None
    except JSONDecodeError as error:
        raise SourceError(
            "The source answered with something that is not JSON, or with a part of it.",
            remedy="Is it the right address? A login page or a proxy answers so.",
        ) from error
    except ValidationError as error:
        raise SourceError(
            f"The source answered in a shape that is not known ({_complaints(error)}).",
            remedy="Is it the right address, and a version that the plugin's README names?",
        ) from None


def _complaints(error: ValidationError) -> str:
    problems = error.errors(include_input=False, include_url=False, include_context=False)
    told = [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems[:_SHOWN]]
    more = f" and {len(problems) - _SHOWN} more" if len(problems) > _SHOWN else ""
    return f"{error.title}: {'; '.join(told)}{more}"
