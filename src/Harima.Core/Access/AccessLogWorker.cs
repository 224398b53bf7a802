using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harima.Access;

/// <summary>Writes the access log down, folds it, and forgets what is too old.</summary>
public sealed partial class AccessLogWorker : BackgroundService
{
    const int MostAtOnce = 4096;
    const int FoldAbove = 20_000;
    static readonly TimeSpan Writing = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Folding = TimeSpan.FromSeconds(5);
    static readonly TimeSpan Forgetting = TimeSpan.FromHours(6);

    readonly AccessLog _log;
    readonly AccessLogFiles _files;
    readonly AccessFold _fold;
    readonly TimeProvider _time;
    readonly ILogger<AccessLogWorker> _logger;

    // One at a time: the loop, and whoever asks for everything to be written now.
    readonly SemaphoreSlim _turn = new(1);

    // What was read from the channel and is not yet on disk.
    readonly List<AccessLogEntry> _batch = [];
    long _lost;

    internal AccessLogWorker(
        AccessLog log,
        AccessLogFiles files,
        AccessFold fold,
        TimeProvider time,
        ILogger<AccessLogWorker> logger
    )
    {
        (_log, _files, _fold, _time, _logger) = (log, files, fold, time, logger);
    }

    /// <summary>Everything added so far is in the log and in what is answered from it once this returns.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            while (Write()) { }
            await FoldAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_log.IsEnabled)
            return;
        using var timer = new PeriodicTimer(Writing, _time);
        var (foldAt, forgetAt) = (_time.GetUtcNow(), _time.GetUtcNow());
        try
        {
            await TryAsync(FoldFinishedAsync, stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryAsync(
                    async cancellation =>
                    {
                        while (Write() && _fold.Count < FoldAbove) { }
                        if (_time.GetUtcNow() < foldAt && _fold.Count < FoldAbove && !_files.IsFull)
                            return;
                        foldAt = _time.GetUtcNow() + Folding;
                        await FoldAsync(cancellation);
                    },
                    stoppingToken
                );
                if (_time.GetUtcNow() < forgetAt)
                    continue;
                forgetAt = _time.GetUtcNow() + Forgetting;
                await TryAsync(cancellation => _fold.ForgetAsync(_files.Finished(), cancellation), stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops; what is left is written by StopAsync.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_log.IsEnabled)
            await TryAsync(_ => FlushUnguardedAsync(), CancellationToken.None);
        _files.Close();
    }

    async Task FlushUnguardedAsync()
    {
        while (Write()) { }
        await FoldAsync(CancellationToken.None);
    }

    /// <returns>True when there may be more.</returns>
    bool Write()
    {
        while (_batch.Count < MostAtOnce && _log.Entries.TryRead(out var entry))
            _batch.Add(entry);
        _lost += _log.TakeLost();
        if (_batch.Count == 0 && _lost == 0)
            return false;
        _files.Append(_batch, _lost);
        _fold.Add(_batch);
        var more = _batch.Count == MostAtOnce;
        _batch.Clear();
        _lost = 0;
        return more;
    }

    async Task FoldAsync(CancellationToken cancellationToken)
    {
        if (_files.Current is not var (name, length))
            return;
        await _fold.FlushAsync(name, length, cancellationToken);
        if (_files.IsFull)
            _files.Close();
    }

    /// <summary>What processes that have ended wrote and did not fold.</summary>
    async Task FoldFinishedAsync(CancellationToken cancellationToken)
    {
        foreach (var file in _files.Finished())
        {
            for (var position = await _fold.PositionAsync(file.Name, cancellationToken); position < file.Length; )
            {
                var (entries, end) = AccessLogFiles.Read(file.FullName, position, FoldAbove);
                _fold.Add(entries);
                await _fold.FlushAsync(file.Name, end, cancellationToken);
                position = end;
            }
        }
    }

    async Task TryAsync(Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            await act(cancellationToken);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The loop's edge: a full disk or a database that restarts must not end it, and nothing is taken from the batch.
            LogFailed(_logger, fault);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1021, LogLevel.Error, "The access log could not be written and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
