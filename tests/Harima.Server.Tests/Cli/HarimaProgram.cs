using System.Diagnostics;
using System.Text.Json;

namespace Harima.Cli;

sealed record Ended(int ExitCode, string Output, string Errors)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}

/// <summary>The real <c>harima</c> as a process of one person, with a login file of its own.</summary>
sealed class HarimaProgram : IDisposable
{
    public static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "harima.dll");

    readonly string _folder = Directory.CreateTempSubdirectory("harima-cli-").FullName;

    public string LoginFile => Path.Combine(_folder, "login", "credentials.json");

    /// <summary>A program whose person is logged in.</summary>
    public static async Task<HarimaProgram> OfAsync(
        RunningHarima harima,
        string user,
        CancellationToken cancellationToken
    )
    {
        var program = new HarimaProgram();
        await program.ExpectAsync(
            0,
            ["login", harima.Portal.ToString(), "--user", user, "--password-stdin"],
            cancellationToken,
            "correct horse " + user
        );
        return program;
    }

    public Process Start(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath is { } own && Path.GetFileName(own) == "dotnet" ? own : "dotnet",
            [Assembly, .. arguments]
        )
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        // Settings of the machine the tests run on must not decide what they test.
        foreach (var key in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(key);
        start.Environment["HARIMA_CONFIG"] = LoginFile;
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";
        return Process.Start(start)!;
    }

    public async Task<Ended> RunAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string input = ""
    )
    {
        using var process = Start(arguments);
        using var giveUp = cancellationToken.Register(() => process.Kill());
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return new Ended(process.ExitCode, await output, await errors);
    }

    public async Task<Ended> ExpectAsync(
        int exitCode,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string input = ""
    )
    {
        var ended = await RunAsync(arguments, cancellationToken, input);
        Assert.True(
            ended.ExitCode == exitCode,
            $"harima {string.Join(' ', arguments)} ended with {ended.ExitCode}, not {exitCode}:\n{ended.Output}\n{ended.Errors}"
        );
        return ended;
    }

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static bool IsSetting(string variable) =>
        variable.StartsWith("HARIMA_", StringComparison.Ordinal)
        || variable.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);
}
