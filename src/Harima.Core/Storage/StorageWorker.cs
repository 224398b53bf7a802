using Harima.Catalogue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Storage;

/// <summary>
/// Housekeeping of the store: confirms renames all the time, and every hour removes orphans and uploads nobody finished.
/// </summary>
sealed partial class StorageWorker(
    FileStore files,
    Uploads uploads,
    ByteStore store,
    Database database,
    TimeProvider time,
    IOptions<StorageOptions> options,
    ILogger<StorageWorker> logger
) : BackgroundService
{
    static readonly TimeSpan Confirming = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Retrying = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Sweeping = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Confirming, time);
        var sweepAt = time.GetUtcNow();
        var retryAt = sweepAt;
        do
        {
            try
            {
                while (await files.ConfirmPlacementsAsync(stoppingToken) > 0) { }
                while (await store.TidyAsync(stoppingToken) > 0) { }
                if (files.HasUnplaced && time.GetUtcNow() >= retryAt)
                {
                    retryAt = time.GetUtcNow() + Retrying;
                    await files.ReconcileAsync(database, stoppingToken);
                }
                if (time.GetUtcNow() < sweepAt)
                    continue;
                sweepAt = time.GetUtcNow() + Sweeping;
                await SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The loop's edge: one failed round (a database that restarts, a full disk) must not end housekeeping.
                LogFailed(logger, fault);
            }
        } while (await WaitAsync(timer, stoppingToken));
    }

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        while (
            await uploads.AbandonedSinceAsync(now - options.Value.UploadLifetime, cancellationToken)
                is { Count: > 0 } abandoned
        )
        {
            foreach (var upload in abandoned)
            {
                await uploads.AbortAsync(upload, cancellationToken);
                LogAbandoned(logger, upload.Id, upload.Owner, upload.CreatedAt);
            }
        }
        (store as PosixStore)?.EndHandOffs();
        await files.RemoveOrphansAsync(database, now - options.Value.OrphanAge, cancellationToken);
    }

    static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(
        2006,
        LogLevel.Information,
        "Upload {Id} of {Owner}, begun {CreatedAt:u}, was abandoned and is given up"
    )]
    static partial void LogAbandoned(ILogger logger, string id, string owner, DateTimeOffset createdAt);

    [LoggerMessage(2005, LogLevel.Error, "Housekeeping of the store failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
