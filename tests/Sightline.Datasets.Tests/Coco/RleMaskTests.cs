using CsCheck;
using Sightline.Datasets.Coco;

namespace Sightline.Tests;

public sealed class RleMaskTests
{
    // A string that pycocotools itself wrote (README of armengot/COCOtoolsFORK), and the size that goes with it.
    private const string FromPycocotools =
        "0g05b08J4M2N2NA^O1`0OCO=0E090H080IO68DH;>@C>a0_O_O`0j0OWOF<:CM72I24NL43JM92FN;1ENKO72L0LO91J0MO92INO0NO122OO0M031O000NO31OO11MO40N011MO41MO21L06OL021L06OL021L06OL021L060J040L060J040L060J040L060J040L060J040L060J040L060KO31L060KO31L06OL021L06OL021L06OL021MO41MO21MO40N100NO310O00M0310O00NO1220NO92IONO91KOMO72M0<1EO:2GN63KM34OLM73JF<;=1G_O_Ob0=AC`07EH=1IO71H090F0:1DO>1_O1b0>2N2N3L6H]O";

    // Sparse and dense, all outside, all inside, single rows and columns.
    private static readonly Gen<(byte[] Bitmap, int Height, int Width)> Bitmaps =
        from height in Gen.Int[1, 24]
        from width in Gen.Int[1, 24]
        from share in Gen.Int[0, 4]
        from pixels in Gen.Int[0, 3].Array[height * width]
        select (pixels.Select(p => (byte)(p < share ? 1 : 0)).ToArray(), height, width);

    [Fact]
    public void Counts_box_and_area_equal_the_plain_twins() =>
        Bitmaps.Sample((bitmap, height, width) =>
        {
            RleMask mask = RleMask.FromBitmap(bitmap, height, width);
            Assert.Equal(ReferenceRle.Counts(bitmap, height, width), mask.Counts);
            Assert.Equal(ReferenceRle.Box(bitmap, width), mask.BoundingBox());
            Assert.Equal(bitmap.Count(b => b != 0), mask.Area);
        });

    [Fact]
    public void A_mask_returns_from_bitmap_and_from_text() =>
        Bitmaps.Sample((bitmap, height, width) =>
        {
            RleMask mask = RleMask.FromBitmap(bitmap, height, width);
            Assert.Equal(bitmap, mask.ToBitmap());
            Assert.Equal(mask, RleMask.FromCompressedString(mask.ToCompressedString(), height, width));
        });

    [Fact]
    public void Long_runs_return_from_text() =>
        Gen.Int[0, 40_000_000].Array[1, 50].Sample(counts =>
        {
            long pixels = counts.Sum(c => (long)c);
            if (pixels is 0 or > int.MaxValue)
                return;
            RleMask mask = RleMask.FromCounts(counts, (int)pixels, 1);
            Assert.Equal(mask, RleMask.FromCompressedString(mask.ToCompressedString(), (int)pixels, 1));
        });

    [Fact]
    public void The_text_is_the_one_pycocotools_writes()
    {
        RleMask mask = RleMask.FromCompressedString(FromPycocotools, 50, 70);
        Assert.Equal(FromPycocotools, mask.ToCompressedString());
        Assert.Equal(FromPycocotools, RleMask.FromBitmap(mask.ToBitmap(), 50, 70).ToCompressedString());
    }

    [Theory]
    [InlineData("", 2, 2)] // no runs at all
    [InlineData("4", 2, 3)] // runs do not fill the image
    [InlineData("7", 2, 3)] // runs overflow it
    [InlineData("P", 2, 2)] // announces a further character
    [InlineData("O5", 2, 2)] // a negative run
    [InlineData("4 ", 2, 2)] // a character outside the alphabet
    [InlineData("4", 0, 4)] // an empty image
    [InlineData("oooooooooooo", 2, 2)] // a number of more than 32 bits
    public void Damaged_text_is_refused(string text, int height, int width) =>
        Assert.Throws<FormatException>(() => RleMask.FromCompressedString(text, height, width));

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.String.Sample(text =>
        {
            try
            {
                RleMask.FromCompressedString(text, 3, 5).ToBitmap();
            }
            catch (FormatException)
            {
                // Refused, as it should be.
            }
        });
}
