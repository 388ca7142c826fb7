namespace Sightline.Simulation.Surfaces;

/// <summary>How the two colours of a material are laid out on a surface.</summary>
internal enum Pattern
{
    /// <summary>The first colour, a little uneven.</summary>
    Plain,

    /// <summary>Rings of the second colour about the form's z axis: between Low and High, and again between Low2 and High2 (own z, metres).</summary>
    Bands,

    /// <summary>Boards Scale metres wide with dark gaps and grain; along the longer way of the face.</summary>
    Planks,

    /// <summary>Bricks Scale metres high, joints in the second colour.</summary>
    Bricks,

    /// <summary>Sheet metal with upright ridges every Scale metres.</summary>
    Corrugated,

    /// <summary>Slabs of concrete or asphalt with joints every Scale metres, stains, and lines painted in the second colour.</summary>
    Ground,

    /// <summary>Slanted stripes of both colours, Scale metres wide.</summary>
    Hazard,

    /// <summary>A sign's plate: a rim of the second colour and a symbol; looked at along x.</summary>
    Plate,

    /// <summary>Panels Scale metres wide and High metres tall in the first colour, with panes of the second.</summary>
    Windows,
}
