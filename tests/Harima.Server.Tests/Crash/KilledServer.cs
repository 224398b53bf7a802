using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Harima.Crash;

/// <summary>The server as a process of its own, so that <c>kill -9</c> is what it says.</summary>
sealed class KilledServer(string folder, string database, HttpClient http) : IDisposable
{
    readonly int _port = FreePort();
    readonly int _s3Port = FreePort();
    readonly Queue<string> _output = new();
    Process? _process;

    public Uri S3 => new(FormattableString.Invariant($"http://127.0.0.1:{_s3Port}"));

    public Uri Rest => new(FormattableString.Invariant($"http://127.0.0.1:{_port}"));

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
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        while (!await AnswersAsync(patience.Token))
        {
            if (_process!.HasExited)
                throw new InvalidOperationException("The server ended at start:\n" + Output);
            await Task.Delay(20, patience.Token);
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
                    _port.ToString(CultureInfo.InvariantCulture),
                    "--s3-port",
                    _s3Port.ToString(CultureInfo.InvariantCulture),
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

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
