"""The embedded demo: a made-up world of music, its three web sites, and the measure of how well it was understood.

The public parts: `kinsong.demo.world.make` and `World.write`, `kinsong.demo.site.serve`,
`kinsong.demo.judge.precision`.
"""
