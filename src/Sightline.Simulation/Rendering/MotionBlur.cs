using System.Runtime.CompilerServices;

namespace Sightline.Simulation.Rendering;

/// <summary>
/// Motion blur as a filter along each pixel's own movement while the shutter is open: the mean of the sharp image along it. What a
/// moving edge uncovers behind itself isn't known from one image; the error is below a pixel at the movements that occur here.
/// </summary>
internal static class MotionBlur
{
    private const float Least = 0.35f;

    /// <summary>Blurs the light of a frame.</summary>
    /// <param name="b">The frame; its blurred planes are written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(FrameBuffers b)
    {
        int width = b.Width, height = b.Height, stride = b.Stride;
        float[] red = b.Red, green = b.Green, blue = b.Blue, mx = b.MotionX, my = b.MotionY;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int at = y * stride + x;
                float dx = mx[at], dy = my[at], length = MathF.Max(MathF.Abs(dx), MathF.Abs(dy));
                if (length < Least)
                {
                    (b.BlurRed[at], b.BlurGreen[at], b.BlurBlue[at]) = (red[at], green[at], blue[at]);
                    continue;
                }
                int taps = Math.Clamp((int)length + 1, 2, 12);
                float r = 0, g = 0, l = 0;
                for (int k = 0; k <= taps; k++)
                {
                    float part = (float)k / taps - 0.5f;
                    float sx = x + 0.5f + dx * part, sy = y + 0.5f + dy * part;
                    // Bilinear between pixel middles, clamped at the border.
                    float fx = Math.Clamp(sx - 0.5f, 0, width - 1.001f), fy = Math.Clamp(sy - 0.5f, 0, height - 1.001f);
                    int ix = (int)fx, iy = (int)fy, i = iy * stride + ix;
                    float ax = fx - ix, ay = fy - iy;
                    float w00 = (1 - ax) * (1 - ay), w10 = ax * (1 - ay), w01 = (1 - ax) * ay, w11 = ax * ay;
                    r += red[i] * w00 + red[i + 1] * w10 + red[i + stride] * w01 + red[i + stride + 1] * w11;
                    g += green[i] * w00 + green[i + 1] * w10 + green[i + stride] * w01 + green[i + stride + 1] * w11;
                    l += blue[i] * w00 + blue[i + 1] * w10 + blue[i + stride] * w01 + blue[i + stride + 1] * w11;
                }
                float scale = 1f / (taps + 1);
                (b.BlurRed[at], b.BlurGreen[at], b.BlurBlue[at]) = (r * scale, g * scale, l * scale);
            }
        }
    }
}
