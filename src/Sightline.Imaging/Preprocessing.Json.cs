using System.Globalization;
using System.Text.Json;

namespace Sightline.Imaging;

/// <content>As JSON, by hand: no reflection, so that it can be trimmed and costs no start-up time.</content>
public sealed partial record Preprocessing
{
    /// <summary>Writes this as one JSON object.</summary>
    /// <param name="json">The writer.</param>
    public void WriteJson(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteNumber("width", Width);
        json.WriteNumber("height", Height);
        json.WriteString("resize", NameOf(Resize));
        if (Resize == ResizeRule.ShorterSideCenterCrop)
            json.WriteNumber("shorterSide", ShorterSide);
        json.WriteString("interpolation", "bilinear-antialiased");
        json.WriteString("channelOrder", "rgb");
        json.WriteNumber("divisor", 255);
        WriteNumbers(json, "mean", Mean);
        WriteNumbers(json, "std", Std);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="WriteJson"/> wrote.</summary>
    /// <param name="json">The object.</param>
    /// <param name="name">What to call its file in an error.</param>
    /// <returns>The pre-processing.</returns>
    /// <exception cref="BadInputException">A member is missing or makes no sense (<c>preprocessing-invalid</c>).</exception>
    public static Preprocessing FromJson(JsonElement json, string name)
    {
        try
        {
            int width = json.GetProperty("width").GetInt32();
            int height = json.GetProperty("height").GetInt32();
            string rule = json.GetProperty("resize").GetString() ?? "";
            ResizeRule? resize = Enum.GetValues<ResizeRule>().Select(r => (ResizeRule?)r).FirstOrDefault(r => NameOf(r!.Value) == rule);
            int shorterSide = resize == ResizeRule.ShorterSideCenterCrop ? json.GetProperty("shorterSide").GetInt32() : 0;
            float[] mean = ReadNumbers(json.GetProperty("mean"));
            float[] std = ReadNumbers(json.GetProperty("std"));
            Demand(width is >= 1 and <= 1 << 15 && height is >= 1 and <= 1 << 15, $"a size of {width}×{height}", name);
            Demand(resize is not null, $"the resize rule '{rule}'", name);
            Demand(resize != ResizeRule.ShorterSideCenterCrop || shorterSide >= Math.Max(width, height), $"a shorter side of {shorterSide} for a cut of {width}×{height}", name);
            Demand(mean.Length == 3 && mean.All(float.IsFinite), "a mean that is not three finite numbers", name);
            Demand(std.Length == 3 && std.All(s => float.IsFinite(s) && s > 0), "a deviation that is not three numbers above 0", name);
            Fixed(json, "interpolation", "bilinear-antialiased", name);
            Fixed(json, "channelOrder", "rgb", name);
            return new Preprocessing(width, height, resize!.Value, shorterSide, mean, std);
        }
        catch (Exception missing) when (missing is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadInputException("preprocessing-invalid", $"The pre-processing cannot be read: {missing.Message}", name, inner: missing);
        }
    }

    private static void Fixed(JsonElement json, string member, string only, string name)
    {
        string? value = json.GetProperty(member).GetString();
        Demand(value == only, $"the {member} '{value}'; only '{only}' is known", name);
    }

    private static void Demand(bool holds, string what, string name)
    {
        if (!holds)
            throw new BadInputException("preprocessing-invalid", $"The pre-processing has {what}.", name);
    }

    private static void WriteNumbers(Utf8JsonWriter json, string member, IReadOnlyList<float> numbers)
    {
        json.WriteStartArray(member);
        foreach (float number in numbers)
            json.WriteRawValue(number.ToString("R", CultureInfo.InvariantCulture)); // the shortest text that reads back to the same bits
        json.WriteEndArray();
    }

    private static float[] ReadNumbers(JsonElement array) => [.. array.EnumerateArray().Select(n => n.GetSingle())];

    private static string NameOf(ResizeRule rule) => rule switch
    {
        ResizeRule.None => "none",
        ResizeRule.Stretch => "stretch",
        ResizeRule.ShorterSideCenterCrop => "shorter-side-center-crop",
        _ => "letterbox",
    };
}
