"""The methods by name. A new one is a file, its test, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from striate.explain.methods.cam import explain_cam
from striate.explain.methods.deconvnet import explain_deconvnet
from striate.explain.methods.gradcam import explain_gradcam
from striate.explain.methods.gradcampp import explain_gradcampp
from striate.explain.methods.guided import explain_guided
from striate.explain.methods.inputxgradient import explain_inputxgradient
from striate.explain.methods.integratedgradients import explain_integratedgradients
from striate.explain.methods.layercam import explain_layercam
from striate.explain.methods.lrp import explain_lrp
from striate.explain.methods.occlusion import explain_occlusion
from striate.explain.methods.rise import explain_rise
from striate.explain.methods.saliency import explain_saliency
from striate.explain.methods.smoothgrad import explain_smoothgrad
from striate.explain.question import Answer, Question


@dataclass(frozen=True)
class Method:
    """How a heat is made: `compute` answers a question. `signed` heats speak against the target where below 0.

    `layered` methods look at a layer, which may be named; `unitary` ones at a unit of it, if one is named.
    A `single` one makes one pass, finds the scores in it, and takes HIGHEST for a target; a `sampled` one
    shows samples of a data set too, if there are any. `title` is what a picture calls it, `source` where it comes from.
    """

    name: str
    title: str
    compute: Callable[[Question], Answer]
    source: str
    signed: bool = False
    layered: bool = False
    unitary: bool = False
    single: bool = False
    sampled: bool = False


SMOOTH = frozenset(("saliency", "smoothgrad", "inputxgradient", "integratedgradients", "guided", "deconvnet", "lrp"))
"""Methods that lead a score back to the input's own values, or change them little by little: symbols have none."""

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        Method("cam", "CAM", explain_cam, "Zhou et al. 2016", signed=True, layered=True, single=True),
        Method("gradcam", "Grad-CAM", explain_gradcam, "Selvaraju et al. 2017", layered=True, single=True),
        Method("gradcampp", "Grad-CAM++", explain_gradcampp, "Chattopadhay et al. 2018", layered=True, single=True),
        Method("layercam", "LayerCAM", explain_layercam, "Jiang et al. 2021", layered=True, single=True),
        Method("saliency", "Saliency", explain_saliency, "Simonyan et al. 2014"),
        Method("smoothgrad", "SmoothGrad", explain_smoothgrad, "Smilkov et al. 2017"),
        Method("inputxgradient", "Input × gradient", explain_inputxgradient, "Shrikumar et al. 2016", signed=True),
        Method(
            "integratedgradients",
            "Integrated gradients",
            explain_integratedgradients,
            "Sundararajan et al. 2017",
            signed=True,
        ),
        Method("guided", "Guided backpropagation", explain_guided, "Springenberg et al. 2015"),
        Method(
            "deconvnet",
            "Deconvnet",
            explain_deconvnet,
            "Zeiler and Fergus 2014",
            layered=True,
            unitary=True,
            sampled=True,
        ),
        Method("occlusion", "Occlusion", explain_occlusion, "Zeiler and Fergus 2014", signed=True),
        Method("rise", "RISE", explain_rise, "Petsiuk et al. 2018", signed=True),
        Method("lrp", "Layer-wise relevance", explain_lrp, "Bach et al. 2015", signed=True),
    )
}
