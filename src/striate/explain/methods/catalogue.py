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
    shows samples of a data set too, if there are any. `title` is what a picture calls it, `shows` what is seen on it,
    `limits` when that doesn't hold, `source` where it comes from.
    """

    name: str
    title: str
    compute: Callable[[Question], Answer]
    shows: str
    limits: str
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
        Method(
            "cam",
            "CAM",
            explain_cam,
            "the class's own weights of the last maps; exact, where it holds",
            "Holds only where the network takes the mean of its last maps and is linear from there on; that is "
            "tried, and else refused. As coarse as those maps.",
            "Zhou et al. 2016",
            signed=True,
            layered=True,
            single=True,
        ),
        Method(
            "gradcam",
            "Grad-CAM",
            explain_gradcam,
            "a layer's maps, weighed by their mean gradient",
            "As coarse as the layer's maps, and blurred where a thing is there several times; what speaks "
            "against the class is left out. After a softmax gradients fade.",
            "Selvaraju et al. 2017",
            layered=True,
            single=True,
        ),
        Method(
            "gradcampp",
            "Grad-CAM++",
            explain_gradcampp,
            "as Grad-CAM, so that several things count in full",
            "As coarse as the layer's maps. It often stays as it is when the top layers are randomised: then it "
            "shows the input more than the network.",
            "Chattopadhay et al. 2018",
            layered=True,
            single=True,
        ),
        Method(
            "layercam",
            "LayerCAM",
            explain_layercam,
            "a layer's maps, each cell weighed by its own gradient",
            "Fine at early layers, coarse at late ones. It often stays as it is when the top layers are "
            "randomised: then it shows the input more than the network.",
            "Jiang et al. 2021",
            layered=True,
            single=True,
        ),
        Method(
            "saliency",
            "Saliency",
            explain_saliency,
            "how fast the score changes with each cell",
            "Noisy. It says what a small change would do, not what the answer is made of, and not whether a cell "
            "speaks for or against. Not for words.",
            "Simonyan et al. 2014",
        ),
        Method(
            "smoothgrad",
            "SmoothGrad",
            explain_smoothgrad,
            "saliency, averaged over noisy copies",
            "As saliency, less noisy; how smooth hangs on the noise, 0.15 of the input's range. Not for words.",
            "Smilkov et al. 2017",
        ),
        Method(
            "inputxgradient",
            "Input × gradient",
            explain_inputxgradient,
            "saliency with its sign, times the input",
            "A cell at the data's mean gets 0 whatever it means. Its signs hang on the weights, its magnitudes "
            "mostly on the input. Not for words.",
            "Shrikumar et al. 2016",
            signed=True,
        ),
        Method(
            "integratedgradients",
            "Integrated gradients",
            explain_integratedgradients,
            "shares of the score's difference to a baseline",
            "Against the data's mean as the baseline, another gives another map; a cell at the mean gets 0. A "
            "note says what the shares leave over. Not for words.",
            "Sundararajan et al. 2017",
            signed=True,
        ),
        Method(
            "guided",
            "Guided backpropagation",
            explain_guided,
            "the gradient, through ReLUs that pass only what is above 0 both ways",
            "Needs ReLUs. It draws the input's own edges whatever was learned: look at the randomisation below "
            "before you believe it. Not for words.",
            "Springenberg et al. 2015",
        ),
        Method(
            "deconvnet",
            "Deconvnet",
            explain_deconvnet,
            "what one unit saw",
            "Needs ReLUs. About a unit of a layer, not about the class; where none is named, the unit that "
            "speaks most for the class. Not for words.",
            "Zeiler and Fergus 2014",
            layered=True,
            unitary=True,
            sampled=True,
        ),
        Method(
            "occlusion",
            "Occlusion",
            explain_occlusion,
            "how far the score falls where a window is covered",
            "As coarse as the window, an eighth of each extent; a window set to the data's mean is an input that "
            "the network never saw. Takes many passes.",
            "Zeiler and Fergus 2014",
            signed=True,
        ),
        Method(
            "rise",
            "RISE",
            explain_rise,
            "how much higher the score is while a place is shown, over random masks",
            "Coarse, and it hangs a little on the masks, which are drawn by the seed. Takes two thousand passes. "
            "For words only where they are few.",
            "Petsiuk et al. 2018",
            signed=True,
        ),
        Method(
            "lrp",
            "Layer-wise relevance",
            explain_lrp,
            "shares of the score, handed back layer by layer",
            "Adds up to the score by fixed rules, others give another map. Refused for attention, recurrent "
            "layers, and what it has no rule for. Not for words.",
            "Bach et al. 2015",
            signed=True,
        ),
    )
}
