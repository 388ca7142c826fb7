using System.Text.Json;
using Sightline.Imaging;

namespace Sightline.Tests;

public sealed class DataVerbTests : IDisposable
{
    private readonly TinyImageFolder folder = new(perClass: 5);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Info_says_in_json_what_was_found()
    {
        string broken = Path.Combine(folder.Images, "cone", "000.png");
        File.WriteAllBytes(broken, []);
        SightlineProcess run = SightlineProcess.Run("data", "info", folder.Images, "--json", "--sheet", folder.PathOf("sheet.png"));
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        Assert.Equal("class-folders", root.GetProperty("format").GetString());
        Assert.Equal(["cone", "crate", "person"], root.GetProperty("classes").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(14, root.GetProperty("splits").GetProperty("all").GetProperty("images").GetInt32());
        Assert.True(root.GetProperty("stopsTraining").GetBoolean());
        JsonElement problem = root.GetProperty("problems").EnumerateArray().Single(p => p.GetProperty("code").GetString() == "image-empty");
        Assert.Equal(broken, problem.GetProperty("path").GetString());
        Assert.NotEmpty(problem.GetProperty("message").GetString()!);
        Assert.NotEmpty(problem.GetProperty("fix").GetString()!);
        RgbImage sheet = ImageCodec.Decode(File.ReadAllBytes(folder.PathOf("sheet.png")), "sheet");
        Assert.True(sheet.Width > 300 && sheet.Height > 100);
    }

    [Fact]
    public void Info_says_for_people_what_was_found()
    {
        SightlineProcess run = SightlineProcess.Run("data", "info", folder.Images);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("class-folders", run.Output);
        Assert.Contains("12×12 (15)", run.Output);
        Assert.Contains("Training can start on this set.", run.Output);
    }

    [Theory]
    [InlineData("--label-column", "foo", "csv-manifest")]
    [InlineData("--image-root", ".", "coco-crops")]
    [InlineData("--sheet", "s.pdf", ".png, .jpg or .jpeg")]
    public void An_option_that_cannot_be_honoured_is_refused(string option, string value, string part)
    {
        SightlineProcess run = SightlineProcess.Run("data", "info", folder.Images, option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains(part, run.Error);
    }

    [Fact]
    public void A_mirror_that_is_no_address_is_refused()
    {
        SightlineProcess run = SightlineProcess.Run("data", "get", "mnist", "--mirror", "notaurl");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("https://", run.Error);
    }

    [Theory]
    [InlineData("info", "", "The path of the data set is empty")]
    [InlineData("info", "no-such-folder", "There is no such file or folder")]
    [InlineData("get", "minst", "Did you mean 'mnist'?")]
    public void A_wrong_name_is_one_line_and_exit_code_2(string verb, string name, string part)
    {
        SightlineProcess run = SightlineProcess.Run("data", verb, name);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains(part, run.Error);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
    }
}
