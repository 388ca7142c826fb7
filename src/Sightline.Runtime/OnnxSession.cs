using Microsoft.ML.OnnxRuntime;

namespace Sightline.Runtime;

/// <summary>Opens ONNX files in ONNX Runtime: quiet, on the CPU, with errors that say what to do.</summary>
internal static class OnnxSession
{
    private static readonly Lock gate = new();

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">Threads.</param>
    /// <returns>The session.</returns>
    /// <exception cref="BadInputException">The file is missing, empty, or no model (<c>file-missing</c>, <c>model-damaged</c>).</exception>
    public static InferenceSession Open(string path, ClassifierOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw new BadInputException("file-missing", "There is no such model file.", path, fix: "sightline export RUN -o MODEL.onnx makes one.");
        return Open(path, options, settings => new InferenceSession(path, settings));
    }

    /// <summary>Opens a file's bytes.</summary>
    /// <param name="model">The bytes.</param>
    /// <param name="name">What to call it in an error.</param>
    /// <param name="options">Threads.</param>
    /// <returns>The session.</returns>
    /// <exception cref="BadInputException">They are no model (<c>model-damaged</c>).</exception>
    public static InferenceSession Open(byte[] model, string name, ClassifierOptions options) => Open(name, options, settings => new InferenceSession(model, settings));

    private static InferenceSession Open(string name, ClassifierOptions options, Func<SessionOptions, InferenceSession> open)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Threads);
        Silence();
        using var settings = new SessionOptions
        {
            IntraOpNumThreads = options.Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        settings.AddSessionConfigEntry("session.intra_op.allow_spinning", options.Spin ? "1" : "0");
        try
        {
            return open(settings);
        }
        catch (OnnxRuntimeException refusal)
        {
            throw new BadInputException("model-damaged", $"ONNX Runtime cannot load this file: {FirstLine(refusal.Message)}", name, fix: "Export the model again.", inner: refusal);
        }
    }

    /// <summary>Warnings of the environment would reach standard error from native code.</summary>
    private static void Silence()
    {
        lock (gate)
        {
            if (OrtEnv.IsCreated)
                return;
            var quiet = new EnvironmentCreationOptions { logId = "sightline", logLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtEnv.CreateInstanceWithOptions(ref quiet);
        }
    }

    private static string FirstLine(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).Trim().TrimEnd('.') + ".";
    }
}
