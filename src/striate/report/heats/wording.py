"""A heat over words: each on its colour, and a line that names the strongest."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from striate.explain.heat import Heat
from striate.report.heats.heats import describe_layer, name_method
from striate.report.markup import element
from striate.report.wording import draw_words


def draw_wording(heat: Heat, index: int) -> Markup:
    """Draw one input of a heat as its words."""
    words, values = heat.words[index], heat.values[index].double().numpy().reshape(-1)
    values = np.nan_to_num(values[: len(heat.words[index])], posinf=0, neginf=0)
    said = f", {describe_layer(heat)}"
    if len(words) and np.abs(values).max() > 0:
        place = int(np.abs(values).argmax())
        said += f"; strongest at “{words[place]}”, word {place + 1}: {values[place]:.3g}"
    caption = element("figcaption", [element("strong", name_method(heat.method)), said])
    return element("figure", [draw_words(words, values), caption])
