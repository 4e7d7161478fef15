"""Who does the two long parts of an import: this process, or workers elsewhere."""

from .choosing import EngineChoice, EngineName
from .commission import Commission
from .here import Here
from .interface import Claim, Engine, More
from .reading import Reading

__all__ = ["Claim", "Commission", "Engine", "EngineChoice", "EngineName", "Here", "More", "Reading"]
