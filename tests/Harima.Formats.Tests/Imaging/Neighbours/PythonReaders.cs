using System.Diagnostics;
using System.Text.Json;

namespace Harima.Imaging.Neighbours;

/// <summary>Readers that others wrote: h5py and fabio of the operating system's Python.</summary>
static class PythonReaders
{
    const string Python = "/usr/bin/python3";

    /// <summary>Runs a script that prints one JSON value; <c>sys.argv[1]</c> is the file.</summary>
    /// <remarks>Where the module is not installed the test is skipped, and fails where CI=true.</remarks>
    public static async Task<JsonElement> AskAsync(string module, string file, string script)
    {
        if (!File.Exists(Python) || (await RunAsync("-c", $"import {module}")).ExitCode != 0)
        {
            Assert.SkipUnless(
                Environment.GetEnvironmentVariable("CI") == "true",
                $"python3-{module} is not installed."
            );
            Assert.Fail($"python3-{module} is not installed, and CI asks for it.");
        }

        var (exitCode, output, error) = await RunAsync("-c", $"import sys, json, {module}\n{script}", file);
        Assert.True(exitCode == 0, error);
        return JsonDocument.Parse(output).RootElement;
    }

    static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var token = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(token);
        var error = process.StandardError.ReadToEndAsync(token);
        await process.WaitForExitAsync(token);
        return (process.ExitCode, await output, await error);
    }
}
