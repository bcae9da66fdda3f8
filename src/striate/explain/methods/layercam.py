"""LayerCAM: a layer's maps, each cell weighed by its own gradient; fine enough for early layers too."""

from __future__ import annotations

from striate.explain.head import answer_by, differentiate, run_head
from striate.explain.question import Answer, Question


def explain_layercam(question: Question) -> Answer:
    """Multiply each cell of each map by the score's gradient there, if above 0; sum, and keep what is above 0.

    Shape:   values [batch, *extents].
    Cost:    one pass, and the gradient of what comes after the layer.
    Raises:  InputError for a layer that can't be read.
    Source:  Jiang et al. 2021, "LayerCAM: Exploring Hierarchical Class Activation Maps for Localization", eq. 6 to 8.
    """
    head = run_head(question)
    cells = (differentiate(head).clamp(min=0) * head.maps.detach()).sum(1).clamp(min=0)
    return answer_by(question, head, cells)
