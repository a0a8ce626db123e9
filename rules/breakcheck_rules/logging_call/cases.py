# Near misses, odd spellings and declined fixes: linted, never run.
import logging
import torch
from torch import nn

logger = logging.getLogger(__name__)


def outside() -> None:
    logger.info("not traced")

class Near(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.limit = 4

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.compiler.is_compiling():
            logger.debug("eager")
        if x.shape[0] > self.limit:
            logger.warning_once(  # expect: BC302
                f"{x.shape[0]} is more than {self.limit}"
            )
        if logger.isEnabledFor(logging.DEBUG):  # expect: BC302
            x = x + 1
        logging.warning("root")  # expect: BC302
        return x


class Names(nn.Module):
    """Further names of the rule; each line is run under Dynamo by benchmarks/names_under_dynamo.py."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        logging.LoggerAdapter(logging.root).info('a')  # expect: BC302
        logging.debug('a')  # expect: BC302
        logging.info('a')  # expect: BC302
        logging.warn('a')  # expect: BC302
        logging.error('a')  # expect: BC302
        logging.critical('a')  # expect: BC302
        logging.exception('a')  # expect: BC302
        logging.log(10, 'a')  # expect: BC302
        logging.getLogger('a')  # expect: BC302
        return x
