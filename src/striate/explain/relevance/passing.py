"""A pass through a network in which every operation is known: it has a rule, or only chooses, or is refused.

The pass sees each of torch's functions as it is called, however the network is written. What it can't see (scripted
and compiled code, an autograd function of one's own) shows up in torch's graph as a node that it didn't make, and is
refused too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd.graph import Node
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from striate.explain.hooks import hooked
from striate.explain.relevance.call import depends, make_call, refuse
from striate.explain.relevance.operations import RULES
from striate.explain.relevance.selections import is_selection, word_of
from striate.explain.relevance.share import Share, find_share, trace_back

_SEEN = "striate"
_BLANK = ("zeros_like", "ones_like", "full_like", "empty_like", "rand_like", "randn_like", "bernoulli_like")
_BLANKS = (*_BLANK, "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor")


class Passing(TorchFunctionMode):
    """A `with` in which torch's functions carry relevance."""

    def __init__(self) -> None:
        super().__init__()
        self.path = [""]
        self.softmaxes: list[Share] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if not any(map(depends, tree_leaves((args, kwargs)))):
            return func(*args, **kwargs)
        call = make_call(func, args, kwargs, self.path[-1])
        for tensor in call.tensors():
            self.check(tensor)  # what came about unseen, before this call is blamed for it
        rule = RULES.get(call.name)
        if rule is not None and not torch.is_grad_enabled():
            raise call.refuse("gradients are switched off there, as within an autograd function of one's own")
        if rule is not None:
            return self._note(self.check(rule(call)))
        return self._choose(func, args, kwargs, call.name)

    def _choose(self, func: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], name: str) -> Any:
        """Run what only chooses and arranges; its results must show that it does."""
        found = func(*args, **kwargs)
        for leaf in tree_leaves(found):
            if depends(leaf):
                self.check(leaf, name)
            elif isinstance(leaf, Tensor) and leaf.is_floating_point() and name not in _BLANKS:
                raise refuse(name, self.path[-1], "what it gives no longer knows that it came from the network's input")
        return found

    def check(self, tensor: Tensor, name: str = "") -> Tensor:
        """Look at all nodes behind a tensor, which a call of this name made, that weren't looked at before.

        Raises:  InputError for one that has no rule and doesn't only choose.
        """
        left = [tensor.grad_fn]
        while left:
            node = left.pop()
            notes: dict[Any, Any] = {} if node is None else cast(dict[Any, Any], node.metadata)
            if node is None or _SEEN in notes:
                continue
            self._require_known(node, name)
            notes[_SEEN] = True
            left += [upstream for upstream, _ in node.next_functions]
        return tensor

    def _note(self, tensor: Tensor) -> Tensor:
        share = find_share(tensor)
        if share is not None and share.logits is not None:
            self.softmaxes.append(share)
        return tensor

    def find_logits(self, scores: Tensor) -> Tensor | None:
        """What the softmax was made of that these scores come from; None where there is none.

        Raises:  InputError for a softmax elsewhere in the network.
        """
        last = trace_back(scores)
        for share in self.softmaxes:
            if share is not last:
                raise refuse("softmax", share.layer, "it isn't the network's end")
        return None if last is None else last.logits

    def _require_known(self, node: Node, name: str) -> None:
        choosing = is_selection(node.name()) and not getattr(node, "_saved_accumulate", False)
        if not isinstance(getattr(node, "share", None), Share) and not choosing:
            raise refuse(name or word_of(node.name()), self.path[-1], "it has no rule")

    def enter(self, module: nn.Module) -> Any:
        """A `with` in which the pass knows in which part of the module it is."""
        return hooked([handle for path, part in module.named_modules() for handle in self._follow(path, part)])

    def _follow(self, path: str, part: nn.Module) -> list[Any]:
        def come(part: nn.Module, args: object) -> None:
            self.path.append(path)

        def go(part: nn.Module, args: object, output: object) -> None:
            for leaf in tree_leaves(output):
                if depends(leaf):
                    self.check(leaf)
            self.path.pop()

        return [part.register_forward_pre_hook(come), part.register_forward_hook(go)]
