using Dapper;
using Harima.Catalogue;
using Harima.Storage;
using Harima.Work;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Registration;

/// <summary>Asks for the scans that are due, and for what should be under way and is not. The work itself is the queue's.</summary>
sealed partial class RegistrationWorker(
    Database database,
    CatalogueWriter writer,
    WorkQueue queue,
    SumFiles sums,
    TimeProvider time,
    IOptions<RegistrationOptions> options,
    ILogger<RegistrationWorker> logger
) : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        try
        {
            do
            {
                try
                {
                    await RoundAsync(stoppingToken);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // The loop's edge: a database that restarts must not end it.
                    LogFailed(logger, fault);
                }
            } while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        if (options.Value.RescanEvery is { } every)
            await RescanAsync(time.Now() - every, cancellationToken);
        await EndGivenUpAsync(cancellationToken);
        if (
            await sums.IsWantedAsync(cancellationToken)
            && !await queue.IsPendingAsync(SumFiles.Queue, SumFiles.Subject, cancellationToken)
        )
            await queue.AskAsync(SumFiles.Queue, SumFiles.Subject, null, cancellationToken);
    }

    async Task RescanAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        List<string> due;
        await using (var connection = await database.OpenAsync(cancellationToken))
            due = (
                await connection.QueryAsync<string>(
                    // A failure may be of the moment, such as a file system that was not mounted.
                    "SELECT id FROM registration WHERE state IN ('done', 'failed') AND ended_at <= @before",
                    new { before }
                )
            ).AsList();
        foreach (var id in due)
            await writer.WriteAsync(
                transaction =>
                {
                    // Another replica may have been faster.
                    if (RegistrationRows.Find(transaction, id) is not { EndedAt: { } ended } || ended > before)
                        return;
                    var now = time.Now();
                    RegistrationRows.Begin(transaction, id, now);
                    WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
                },
                cancellationToken
            );
    }

    /// <summary>A scan that failed at every attempt is not running any more.</summary>
    async Task EndGivenUpAsync(CancellationToken cancellationToken)
    {
        List<string> running;
        await using (var connection = await database.OpenAsync(cancellationToken))
            running = (
                await connection.QueryAsync<string>(
                    "SELECT id FROM registration WHERE state IN ('running', 'removing')"
                )
            ).AsList();
        foreach (var id in running)
            if (!await queue.IsPendingAsync(ScanFolder.Queue, id, cancellationToken))
                await writer.WriteAsync(
                    transaction =>
                    {
                        var waits = transaction.Connection!.ExecuteScalar<int?>(
                            "SELECT 1 FROM work WHERE queue = @queue AND subject = @id AND NOT dead",
                            new { queue = ScanFolder.Queue, id },
                            transaction
                        );
                        if (waits is null)
                            RegistrationRows.End(transaction, id, RegistrationState.Failed, "given-up", time.Now());
                    },
                    cancellationToken
                );
    }

    [LoggerMessage(4105, LogLevel.Error, "Looking after registrations failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
