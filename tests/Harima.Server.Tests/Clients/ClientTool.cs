using System.Diagnostics;

namespace Harima.Clients;

/// <summary>A command-line client that is not ours, run as a person would run it.</summary>
sealed class ClientTool(string name, string debianPath)
{
    // Debian's own first: a version manager's shim of the same name may hang before it on the path.
    readonly string? _path = File.Exists(debianPath) ? debianPath : null;

    public string Name => name;

    /// <summary>Whether CI does without it: it is in no package that ./check could install.</summary>
    public bool IsOptional { get; init; }

    /// <summary>Skips the test where the tool is not installed; fails it in CI.</summary>
    public void Require()
    {
        if (_path is null && !IsOptional && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail($"{name} is not installed at {debianPath}, and CI tests with it.");
        Assert.SkipWhen(_path is null, $"{name} is not installed");
    }

    /// <summary>Runs it to its end and returns what it printed.</summary>
    public async Task<string> RunAsync(
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        int exitCode = 0
    )
    {
        using var process = Start(environment, arguments);
        using var giveUp = cancellationToken.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        var text = await output;
        Assert.True(
            exitCode == process.ExitCode,
            $"{name} {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}\n{await errors}"
        );
        return exitCode == 0 ? text : text + await errors;
    }

    /// <summary>Starts it, without settings of the machine that the tests run on.</summary>
    public Process Start(IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(_path!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        // Settings of the machine the tests run on must not decide what they test.
        foreach (var key in start.Environment.Keys.Where(IsSettingOfClients).ToArray())
            start.Environment.Remove(key);
        foreach (var (key, value) in environment)
            start.Environment[key] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Whether it ends well, whatever it says.</summary>
    public async Task<bool> SucceedsAsync(IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        using var process = Start(new Dictionary<string, string>(), arguments);
        var said = Task.WhenAll(
            process.StandardOutput.ReadToEndAsync(cancellationToken),
            process.StandardError.ReadToEndAsync(cancellationToken)
        );
        await process.WaitForExitAsync(cancellationToken);
        await said;
        return process.ExitCode == 0;
    }

    static bool IsSettingOfClients(string variable) =>
        variable.StartsWith("AWS_", StringComparison.Ordinal)
        || variable.StartsWith("RCLONE_", StringComparison.Ordinal)
        || variable.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);
}
