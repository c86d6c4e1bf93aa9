"""Official figures read as their publishers release them.

One module an input: ``comparators`` (DfE, children looked after), ``neighbours`` (statistical
neighbours), ``population`` and ``projections`` (ONS), ``ofsted`` (registered providers).
"""
