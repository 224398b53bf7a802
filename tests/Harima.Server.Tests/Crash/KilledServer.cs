using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Harima.Crash;

/// <summary>The server as a process of its own, so that <c>kill -9</c> is what it says.</summary>
sealed class KilledServer(string folder, string database, HttpClient http) : IDisposable
{
    // Only a server that hangs needs as long, on the slowest machine.
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    readonly HeldPort _port = new();
    readonly HeldPort _s3Port = new();
    readonly Queue<string> _output = new();
    Process? _process;

    public Uri S3 => new(FormattableString.Invariant($"http://127.0.0.1:{_s3Port.Number}"));

    public Uri Rest => new(FormattableString.Invariant($"http://127.0.0.1:{_port.Number}"));

    public int ProcessId => _process!.Id;

    /// <summary>What it runs under, such as a shell that mounts a small file system and then becomes the server.</summary>
    public IReadOnlyList<string> Under { get; init; } = [];

    /// <summary>Further settings.</summary>
    public IReadOnlyList<string> Settings { get; set; } = [];

    /// <summary>What it has said last.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return string.Join('\n', _output);
        }
    }

    /// <summary>Starts it and waits until both doors answer.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Launch();
        await UntilAsync(AnswersAsync, cancellationToken);
    }

    /// <summary>Waits for what the running server is to bring about.</summary>
    public async Task UntilAsync(Func<CancellationToken, Task<bool>> isTrue, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            while (!await isTrue(patience.Token))
            {
                if (_process!.HasExited)
                    throw new InvalidOperationException("The server has ended by itself:\n" + Output);
                await Task.Delay(10, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The server never came to that:\n" + Output);
        }
    }

    /// <summary>Starts it and does not wait.</summary>
    public void Launch()
    {
        string[] command = [.. Under, "dotnet"];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (
            var argument in (string[])
                [
                    .. command[1..],
                    Path.Combine(AppContext.BaseDirectory, "Harima.Server.dll"),
                    "--port",
                    _port.Number.ToString(CultureInfo.InvariantCulture),
                    "--s3-port",
                    _s3Port.Number.ToString(CultureInfo.InvariantCulture),
                    "--data",
                    folder,
                    "--database",
                    database,
                    "--Logging:LogLevel:Default",
                    "Warning",
                    .. Settings,
                ]
        )
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public void Kill()
    {
        // SIGKILL on Linux.
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public void Dispose()
    {
        if (_process is not null)
            Kill();
        _port.Dispose();
        _s3Port.Dispose();
    }

    async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(S3, "/healthz"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_output)
        {
            _output.Enqueue(line);
            if (_output.Count > 200)
                _output.Dequeue();
        }
    }
}
