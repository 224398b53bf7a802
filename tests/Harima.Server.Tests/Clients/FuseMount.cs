using System.Diagnostics;

namespace Harima.Clients;

/// <summary>A folder that some program shows by FUSE, until it is disposed of: then all that was written has been sent.</summary>
sealed class FuseMount : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly Process _process;
    readonly Task<string> _said;
    readonly string _folder;

    FuseMount(Process process, string folder)
    {
        _process = process;
        _folder = folder;
        _said = process.StandardError.ReadToEndAsync(CancellationToken.None);
        _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    public static bool Works()
    {
        try
        {
            using var device = File.Open("/dev/fuse", FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <param name="arguments">They keep the program in the foreground.</param>
    public static async Task<FuseMount> StartAsync(
        ClientTool tool,
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<string> arguments,
        string folder,
        CancellationToken cancellationToken
    )
    {
        var mount = new FuseMount(tool.Start(environment, arguments), folder);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (!mount.IsMounted())
        {
            if (mount._process.HasExited)
                Assert.Fail($"{tool.Name} ended with {mount._process.ExitCode}:\n{await mount._said}");
            await Task.Delay(50, patience.Token);
        }
        return mount;
    }

    bool IsMounted() =>
        File.ReadLines("/proc/mounts").Any(line => line.Contains($" {_folder} fuse", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            // A file that was just closed may still be held for a moment.
            while (IsMounted())
            {
                using var unmount = Process.Start("/usr/bin/fusermount3", ["-u", _folder]);
                await unmount.WaitForExitAsync(patience.Token);
                if (unmount.ExitCode != 0)
                    await Task.Delay(50, patience.Token);
            }
            await _process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            if (IsMounted())
                Process.Start("/usr/bin/fusermount3", ["-uz", _folder]).WaitForExit();
            _process.Dispose();
        }
    }
}
