namespace Sightline.Autograd;

public sealed partial class Variable
{
    /// <summary>
    /// A convolution with stride 1 and no padding, as a matrix product: every patch becomes a column, every filter is a row. Backward is
    /// the same two products as a matrix product's, and each column goes back to where its patch was, overlaps added.
    /// </summary>
    /// <param name="filters"><c>[K, C, k, k]</c>.</param>
    /// <returns>Of <c>[N, C, H, W]</c>: <c>[N, K, H − k + 1, W − k + 1]</c>.</returns>
    /// <exception cref="ArgumentException">The shapes do not fit.</exception>
    public Variable Convolve(Variable filters)
    {
        ArgumentNullException.ThrowIfNull(filters);
        if (Shape is not [var n, var channels, var height, var width] || filters.Shape is not [var count, var depth, var k, var k2] || depth != channels || k != k2 || k > Math.Min(height, width))
            throw new ArgumentException($"[{string.Join(", ", filters.Shape)}] are no filters for [{string.Join(", ", Shape)}].", nameof(filters));
        var patches = new Patches(n, channels, height, width, k);
        NdArray columns = patches.Gather(Data), rows = filters.Data.Reshape(count, channels * k * k);
        return Computed("convolution", [this, filters],
            forward: patches.ToImages(MatrixProduct.Of(rows, columns), count),
            backward: g =>
            {
                NdArray gradient = patches.FromImages(g, count);                            // [K, patches]
                return [
                    RequiresGradient ? patches.Scatter(MatrixProduct.OfTransposed(rows, gradient)) : null,
                    filters.RequiresGradient ? MatrixProduct.WithTransposed(gradient, columns).Reshape([.. filters.Shape]) : null];
            });
    }

    /// <summary>The mean of each 2×2 block of pixels; each pixel gets a quarter of the gradient back.</summary>
    /// <returns>Of <c>[N, C, H, W]</c>: <c>[N, C, H/2, W/2]</c>.</returns>
    /// <exception cref="ArgumentException">A side is odd.</exception>
    public Variable AveragePool()
    {
        if (Shape is not [var n, var channels, var height, var width] || height % 2 != 0 || width % 2 != 0)
            throw new ArgumentException($"[{string.Join(", ", Shape)}] does not divide into blocks of 2×2.");
        int half = width / 2;
        // The block that a pixel belongs to.
        int Block(int i) => i / width / 2 * half + i % width / 2;
        double[] pooled = new double[Data.Values.Length / 4];
        for (int i = 0; i < Data.Values.Length; i++)
            pooled[Block(i)] += Data.Values[i] / 4;
        OperationCount.Add(Data.Values.Length);
        return Computed("average pool", [this],
            forward: new NdArray(pooled, n, channels, height / 2, half),
            backward: g =>
            {
                double[] spread = new double[Data.Values.Length];
                for (int i = 0; i < spread.Length; i++)
                    spread[i] = g.Values[Block(i)] / 4;
                OperationCount.Add(spread.Length);
                return [new NdArray(spread, [.. Shape])];
            });
    }

    /// <summary>Where each number of each patch of an image lies.</summary>
    private sealed class Patches(int n, int channels, int height, int width, int k)
    {
        private readonly int outHeight = height - k + 1, outWidth = width - k + 1;

        /// <summary>Images to columns: <c>[C·k·k, N·H'·W']</c>.</summary>
        public NdArray Gather(NdArray images)
        {
            int columns = n * outHeight * outWidth;
            double[] result = new double[channels * k * k * columns];
            ForEachRun((row, column, pixel) => images.Values.AsSpan(pixel, outWidth).CopyTo(result.AsSpan(row * columns + column)));
            return new NdArray(result, channels * k * k, columns);
        }

        /// <summary>Columns back to images, overlaps added.</summary>
        public NdArray Scatter(NdArray columns)
        {
            double[] images = new double[n * channels * height * width];
            int count = columns.Shape[1];
            ForEachRun((row, column, pixel) =>
            {
                for (int x = 0; x < outWidth; x++)
                    images[pixel + x] += columns.Values[row * count + column + x];
            });
            OperationCount.Add(columns.Values.Length);
            return new NdArray(images, n, channels, height, width);
        }

        /// <summary><c>[K, N·H'·W']</c> to <c>[N, K, H', W']</c>.</summary>
        public NdArray ToImages(NdArray rows, int count) => Swapped(rows.Values, count, n, outHeight * outWidth).Reshape(n, count, outHeight, outWidth);

        /// <summary><c>[N, K, H', W']</c> to <c>[K, N·H'·W']</c>.</summary>
        public NdArray FromImages(NdArray images, int count) => Swapped(images.Values, n, count, outHeight * outWidth).Reshape(count, n * outHeight * outWidth);

        private static NdArray Swapped(double[] values, int first, int second, int length)
        {
            double[] result = new double[values.Length];
            for (int i = 0; i < first; i++)
            {
                for (int j = 0; j < second; j++)
                    values.AsSpan((i * second + j) * length, length).CopyTo(result.AsSpan((j * first + i) * length));
            }
            return new NdArray(result, result.Length);
        }

        // Runs of one image row: (row of the columns' matrix, first column, first pixel).
        private void ForEachRun(Action<int, int, int> run)
        {
            for (int row = 0; row < channels * k * k; row++)
            {
                (int channel, int dy, int dx) = (row / (k * k), row / k % k, row % k);
                for (int image = 0; image < n; image++)
                {
                    for (int y = 0; y < outHeight; y++)
                        run(row, (image * outHeight + y) * outWidth, ((image * channels + channel) * height + y + dy) * width + dx);
                }
            }
        }
    }
}
