using System.Net;
using System.Text.RegularExpressions;
using Sightline.Imaging;
using Sightline.Training.Reporting;

namespace Sightline.Tests;

/// <summary>The report in a real browser. Skips by name where there is none.</summary>
public sealed class ReportInChromiumTests : IDisposable
{
    private static readonly string[] Hostile =
        ["<script>document.title='owned'</script>", "\"><img src=x onerror=\"document.title='owned'\">", "</style></svg></title>", "averylongclassnamethatneverends_andneverends_andneverends", "\u202egnp"];

    private readonly string folder = Directory.CreateTempSubdirectory("sightline-report").FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser may still write into its profile; the temporary folder is the system's to clean.
        }
    }

    /// <summary>
    /// The page in frames as wide as a phone, a tablet and a desktop, its policy taken off so that escaping alone must hold, with a script
    /// of the test's own that tells how wide the content became and how many elements there are.
    /// </summary>
    [Fact]
    [Trait("Category", "slow")]
    public void Hostile_names_make_no_elements_and_the_page_is_never_wider_than_the_screen()
    {
        string chromium = Chromium.Require();
        int[] widths = [360, 800, 1400];
        const string tell = "<script>parent.document.title+=document.documentElement.scrollWidth+'/'+innerWidth+':'+document.images.length+'+'+document.scripts.length+'+'+document.title+';'</script></body>";
        string html = RunReport.Html(ReportInputs.Sick(Hostile, Hostile[0] + Hostile[3])).Replace("http-equiv", "data-off", StringComparison.Ordinal).Replace("</body>", tell, StringComparison.Ordinal);
        string host = Path.Combine(folder, "host.html");
        File.WriteAllText(host, "<!doctype html><title></title><body>" + string.Concat(
            widths.Select(w => $"<iframe style=\"border:0;display:block;width:{w}px;height:900px\" srcdoc=\"{WebUtility.HtmlEncode(html)}\"></iframe>")));
        string dom = Chromium.Run(chromium, host, folder, "--dump-dom", "--window-size=1600,1000");
        string[] told = Regex.Match(dom, "<title>(.*?)</title>").Groups[1].Value.Split(';', StringSplitOptions.RemoveEmptyEntries);
        // Twelve pictures of mistakes, one script (the test's own), the title untouched.
        Assert.Equal(widths.Select(w => $"{w}/{w}:12+1+yard-demo – Sightline"), told.OrderBy(t => int.Parse(t.Split('/')[0], null)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Category", "slow")]
    public void Light_or_dark_follows_the_reader_and_the_page_shows_its_parts(bool dark)
    {
        string chromium = Chromium.Require();
        string page = Path.Combine(folder, "report.html"), picture = Path.Combine(folder, $"report-{(dark ? "dark" : "light")}.png");
        RunReport.Write(page, ReportInputs.Sick(ReportInputs.Yard));
        Chromium.Run(chromium, page, folder, $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}", "--window-size=1280,2900", $"--screenshot={picture}");
        RgbImage seen = ImageCodec.Read(picture);
        int corner = seen.Pixels[0];
        Assert.True(dark ? corner < 60 : corner > 200, $"the background is {corner}");
        // Curves, cells, text and pictures put many colours on the page; bare text or an error page has a few dozen.
        Assert.True(Enumerable.Range(0, seen.Width * seen.Height).Select(i => (seen.Pixels[3 * i] << 16) | (seen.Pixels[3 * i + 1] << 8) | seen.Pixels[3 * i + 2]).Distinct().Count() > 500);
        if (Environment.GetEnvironmentVariable("SIGHTLINE_SCREENSHOTS") is string keep)
            File.Copy(picture, Path.Combine(keep, Path.GetFileName(picture)), overwrite: true);
    }
}
