using System.Diagnostics;

namespace Sightline.Tests;

/// <summary>Runs the built command as a person would.</summary>
internal sealed record SightlineProcess(int ExitCode, string Output, string Error)
{
    public static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "sightline.dll");

    public static SightlineProcess Run(params string[] arguments) => Start("dotnet", [Assembly, .. arguments], Repository.Root);

    public static SightlineProcess Start(string program, IReadOnlyList<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null, int timeoutSeconds = 300, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = input is not null };
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        // What MSBuild and the test host set for themselves must not steer a build that a test starts.
        foreach (string name in (string[])["MSBUILD_EXE_PATH", "MSBuildSDKsPath", "MSBuildExtensionsPath", "TESTINGPLATFORM_DOTNETTEST_EXECUTIONID"])
            start.Environment.Remove(name);
        foreach ((string key, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[key] = value;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        if (!process.WaitForExit(TimeSpan.FromSeconds(timeoutSeconds)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} took more than {timeoutSeconds} s.");
        }
        process.WaitForExit();
        return new SightlineProcess(process.ExitCode, output.Result, error.Result);
    }
}
