"""A drawn chart as a picture of points, for documents that cannot hold SVG."""


def png_of(svg: bytes, *, scale: float = 2.0) -> bytes:
    """The PNG of an SVG; it fetches nothing."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg.decode(), scale=scale))
