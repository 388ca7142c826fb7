using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using TorchSharp;

namespace Sightline.Torch.Tracing;

/// <summary>
/// From stack to source line, in two halves: <see cref="Capture"/> is called inside a native call and allocates little;
/// <see cref="Resolve"/> reads the debug information later.
/// </summary>
internal sealed class CallSiteResolver : IDisposable
{
    private static readonly Assembly[] ours = [typeof(torch).Assembly, typeof(CallSiteResolver).Assembly];

    private readonly Dictionary<Assembly, MetadataReaderProvider?> symbols = [];
    private readonly Dictionary<(MethodBase, int), CallSite> resolved = [];

    /// <summary>The innermost frame that is the user's: not TorchSharp's, not the runtime's, not the tracer's or exporter's.</summary>
    /// <returns>The frame's method and IL offset; null if there is none.</returns>
    public static (MethodBase Method, int Offset)? Capture()
    {
        foreach (StackFrame frame in new StackTrace(1, false).GetFrames())
        {
            if (frame.GetMethod() is not { DeclaringType: { } type } method || IsInfrastructure(type.Assembly)) continue;
            return (method, frame.GetILOffset());
        }

        return null;
    }

    /// <summary>Finds the source line.</summary>
    /// <param name="method">A method on the stack.</param>
    /// <param name="offset">The IL offset in it.</param>
    /// <returns>The line; method only where the assembly has no debug information.</returns>
    public CallSite Resolve(MethodBase method, int offset)
    {
        if (resolved.TryGetValue((method, offset), out CallSite? site)) return site;
        (string? file, int line) = Line(method, offset);
        return resolved[(method, offset)] = new CallSite(NameOf(method), file, line);
    }

    /// <summary>Closes the files with debug information.</summary>
    public void Dispose()
    {
        foreach (MetadataReaderProvider? provider in symbols.Values) provider?.Dispose();
    }

    private static bool IsInfrastructure(Assembly assembly)
    {
        if (Array.IndexOf(ours, assembly) >= 0) return true;
        string name = assembly.GetName().Name ?? "";
        return name == "Sightline.Onnx" || name.StartsWith("System.", StringComparison.Ordinal);
    }

    private static string NameOf(MethodBase method)
    {
        // Lambdas and local functions live in types and methods like <>c__DisplayClass3_0.<forward>b__1: say what the user wrote.
        Type type = method.DeclaringType!;
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer) type = outer;
        string name = method.Name;
        if (name.StartsWith('<') && name.IndexOf('>') is > 1 and int end) name = name[1..end];
        return $"{type.Name}.{name}";
    }

    private (string? File, int Line) Line(MethodBase method, int offset)
    {
        if (offset < 0 || Symbols(method.Module.Assembly) is not { } reader) return (null, 0);
        var handle = (MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken);
        (string? File, int Line) best = (null, 0);
        foreach (SequencePoint point in reader.GetMethodDebugInformation(handle.ToDebugInformationHandle()).GetSequencePoints())
        {
            if (point.Offset > offset) break;
            if (!point.IsHidden) best = (reader.GetString(reader.GetDocument(point.Document).Name), point.StartLine);
        }

        return best;
    }

    private MetadataReader? Symbols(Assembly assembly)
    {
        if (!symbols.TryGetValue(assembly, out MetadataReaderProvider? provider)) symbols[assembly] = provider = Open(assembly);
        return provider?.GetMetadataReader();
    }

    private static MetadataReaderProvider? Open(Assembly assembly)
    {
        try
        {
            if (assembly.IsDynamic || assembly.Location.Length == 0) return null;
            using var file = new PEReader(File.OpenRead(assembly.Location));
            return file.TryOpenAssociatedPortablePdb(assembly.Location, OpenIfThere, out MetadataReaderProvider? provider, out _) ? provider : null;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FileStream? OpenIfThere(string path) => File.Exists(path) ? File.OpenRead(path) : null;
}
