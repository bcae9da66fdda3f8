"""Small networks that hold, between them, every word of the notation."""

from __future__ import annotations

TEXTS = {
    "convolutions": "conv3-8, relu, conv3-8 groups=4 dilation=2, depthwise3, bn, conv3-5/2 pad=valid, conv2-4",
    "paddings": "conv3-4 mode=reflect, conv3-4 mode=circular, conv2-4 mode=replicate, conv3-4 pad=causal",
    "uneven": "conv3-2 pad=1:2",
    "transposed": "deconv2-4/2, deconv3-4/2 groups=2 dilation=2, local3-2, deconv3-3/1 pad=valid, crop1",
    "activations": "conv1-6, relu6, gelu, silu, tanh, sigmoid, softmax, maxout2, dropout, conv1-4, scale",
    "norms": "conv3-6, bn, relu, gn groups=3, ln, lrn",
    "pools": "conv3-4, maxpool2, unpool, avgpool2, upsample2, maxpool3/2 pad=1 ceil=yes, avgpool3/2 pad=1 ceil=yes",
    "heads": "conv3-4, aux[gap, flatten, fc-4], cat[gap | gmp], flatten, fc-4",
    "choices": "conv3-4, kmaxpool3, flatten, fc-3",
    "shuffles": "conv1-8, pixelshuffle2, conv1-8, channelshuffle groups=4",
    "brackets": "conv1-4, add[ | conv1-4], mul[ | gap, conv1-4, sigmoid], cat[ | tap[conv1-8]], taps",
    "upsamplings": "upsample2 mode=linear, conv3-2",
}
"""Each takes four channels on one, two and three axes, `heads` and `choices` on four too."""
