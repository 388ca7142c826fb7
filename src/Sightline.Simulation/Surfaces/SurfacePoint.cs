namespace Sightline.Simulation.Surfaces;

/// <summary>Sixteen points on surfaces of one material.</summary>
internal ref struct SurfacePoint
{
    /// <summary>Place on the face, in metres: across and up where there is an up.</summary>
    public Lanes U, V;

    /// <summary>Place along the form's own z axis, in metres from its middle.</summary>
    public Lanes Z;

    /// <summary>Height above the ground in metres.</summary>
    public Lanes Height;

    /// <summary>How much of the surface a pixel covers, in metres: detail finer than this is blurred away.</summary>
    public Lanes Footprint;

    /// <summary>Half the face's size in metres, for plates.</summary>
    public float HalfWidth, HalfHeight;
}
