using System.Runtime.InteropServices;
using Sightline.Imaging;
using Sightline.Simulation.Labels;
using Sightline.Simulation.Rendering;
using Sightline.Simulation.Worlds;

namespace Sightline.Simulation.Recording;

/// <summary>One thread's desk: renders, labels and writes one frame after the other with buffers of its own.</summary>
internal sealed class FrameRecorder
{
    private readonly RecordingOptions options;
    private readonly PinholeCamera camera;
    private readonly FrameBuffers buffers;
    private readonly uint[] rgba;

    /// <summary>Makes room.</summary>
    public FrameRecorder(RecordingOptions options, PinholeCamera camera)
    {
        (this.options, this.camera) = (options, camera);
        buffers = new FrameBuffers(camera.Width, camera.Height);
        rgba = new uint[camera.Width * camera.Height];
    }

    /// <summary>Renders a frame, writes its files and returns its labels.</summary>
    /// <param name="yard">The drive's world.</param>
    /// <param name="drive">The drive, from 1.</param>
    /// <param name="frame">The frame, from 0.</param>
    /// <param name="seconds">The middle of the exposure, since the drive began.</param>
    /// <param name="folder">Where <c>images</c>, <c>semantic</c> and <c>depth</c> lie, with the drive's folder in each.</param>
    public FrameRecord Record(Yard yard, int drive, int frame, double seconds, string folder)
    {
        int noise = (int)SeedStream.Derive(options.Seed, "sensor noise", drive, frame);
        var view = new FrameView(yard, camera, CameraMount.BodyFromCamera, seconds, noise);
        FrameRenderer.Render(view, buffers);
        MotionBlur.Apply(buffers);
        Sensor.Expose(view, buffers.BlurRed, buffers.BlurGreen, buffers.BlurBlue, buffers.Stride, rgba);
        string name = $"{Recorder.DriveName(drive)}/{frame:000000}";
        File.WriteAllBytes(Path.Combine(folder, "images", name + ".jpg"), ImageCodec.EncodeJpeg(Image(), options.JpegQuality));
        File.WriteAllBytes(Path.Combine(folder, "semantic", name + ".png"), ImageCodec.EncodePng(Semantic(yard)));
        if (options.Depth)
            File.WriteAllBytes(Path.Combine(folder, "depth", name + ".png"), ImageCodec.EncodePng(Depth()));
        return new(view.Robot, FrameLabeller.Label(view, buffers, options.LeastPixels));
    }

    private RgbImage Image()
    {
        var image = new RgbImage(camera.Width, camera.Height);
        ReadOnlySpan<byte> from = MemoryMarshal.AsBytes(rgba.AsSpan());
        byte[] to = image.Pixels;
        for (int i = 0, o = 0; i < from.Length; i += 4, o += 3)
            (to[o], to[o + 1], to[o + 2]) = (from[i], from[i + 1], from[i + 2]);
        return image;
    }

    private Plane<byte> Semantic(Yard yard)
    {
        var plane = new Plane<byte>(camera.Width, camera.Height);
        for (int y = 0; y < camera.Height; y++)
        {
            for (int x = 0; x < camera.Width; x++)
            {
                int seen = buffers.Object[y * buffers.Stride + x];
                plane.Values[y * camera.Width + x] = seen > 0 ? (byte)yard.Objects[seen - 1].Class : (byte)-seen;
            }
        }
        return plane;
    }

    private Plane<ushort> Depth()
    {
        var plane = new Plane<ushort>(camera.Width, camera.Height);
        for (int y = 0; y < camera.Height; y++)
        {
            for (int x = 0; x < camera.Width; x++)
            {
                float millimetres = MathF.Round(buffers.Depth[y * buffers.Stride + x] * 1000);
                plane.Values[y * camera.Width + x] = millimetres <= ushort.MaxValue ? (ushort)millimetres : (ushort)0;
            }
        }
        return plane;
    }
}

/// <summary>What is kept of a frame when its files are written.</summary>
/// <param name="Robot">Where the robot was.</param>
/// <param name="Labels">What was seen.</param>
internal sealed record FrameRecord(RobotPose Robot, List<ObjectLabel> Labels);
