"""The first, smaller picture-book world (64×64 pixels, sixteen kinds of things) and the recipes of the models that ship today.

It goes when the models of the full world, `pentimento.starter.world`, measure better and ship in their place.
"""
