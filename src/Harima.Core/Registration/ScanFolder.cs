using System.Text;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Proposals;
using Harima.Storage;
using Harima.Work;
using Microsoft.Extensions.Logging;

namespace Harima.Registration;

/// <summary>
/// Goes through a registered tree and the catalogue side by side, both in the order of keys: what is only on the storage is added, what
/// is only in the catalogue has gone, what differs has changed. The first scan of a tree is no other than the next ones.
/// </summary>
public sealed partial class ScanFolder(
    RegistrationFolders folders,
    RegistrationQueries queries,
    ProposalQueries proposals,
    Database database,
    CatalogueWriter writer,
    Audit audit,
    TimeProvider time,
    ILogger<ScanFolder> logger
)
{
    internal const string Queue = "registration";

    const int LongestKeyBytes = 1024;

    readonly ScanMeans _means = new(database, writer, audit, time);

    internal WorkKind Work =>
        // A kill takes an attempt as well; and who takes over should not have to wait for long.
        new(Queue, HandleAsync) { Lease = TimeSpan.FromSeconds(30), MaxAttempts = 20 };

    /// <summary>What cannot be catalogued of what a walk meets; null for what can.</summary>
    internal static Finding? FindingOf(Walked walked, SequenceLayout layout)
    {
        if (walked.Problem is { } problem)
            return new Finding(
                problem switch
                {
                    WalkProblem.Link => FindingKind.Link,
                    WalkProblem.Special => FindingKind.Special,
                    WalkProblem.Name => FindingKind.Name,
                    _ => FindingKind.Unreadable,
                },
                walked.Path
            );
        if (layout.FolderOf(walked.Path) is not { } folder)
            return new Finding(FindingKind.OutsideSequence, walked.Path);
        var rest = folder.Length == 0 ? walked.Path : walked.Path[(folder.Length + 1)..];
        var bytes = layout.IdOf(folder).Length + 1 + Encoding.UTF8.GetByteCount(rest);
        return bytes > LongestKeyBytes ? new Finding(FindingKind.KeyTooLong, walked.Path) : null;
    }

    internal async Task HandleAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var isMine = await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "UPDATE registration SET holder = @Claim WHERE id = @Subject AND state IN ('running', 'removing')",
                    new { item.Claim, item.Subject },
                    transaction
                ) == 1,
            cancellationToken
        );
        if (!isMine || await queries.FindAsync(item.Subject, cancellationToken) is not { } tree)
            return;
        try
        {
            var proposal = (await proposals.FindAsync(tree.ProposalId, cancellationToken))!;
            if (tree.State == RegistrationState.Removing)
            {
                await new RemovalRun(_means, tree, proposal, item.Claim).GoAsync(cancellationToken);
                LogRemoved(logger, tree.Id, tree.Path);
                return;
            }
            using var folder = folders.Open(tree.Path);
            // Another's file system may take its time, and the calls wait: not on a thread that answers requests.
            await Task
                .Factory.StartNew(
                    () => new ScanRun(_means, tree, proposal, item.Claim, folder).GoAsync(cancellationToken),
                    cancellationToken,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
                .Unwrap();
            await writer.WriteAsync(
                transaction =>
                    RegistrationRows.End(transaction, tree.Id, RegistrationState.Done, null, time.Now(), item.Claim),
                cancellationToken
            );
            LogDone(logger, tree.Id, tree.Path);
        }
        catch (ScanTakenAwayException)
        {
            LogStopped(logger, tree.Id);
        }
        catch (FaultException fault)
            when (fault.Code is FaultCode.NotFound or FaultCode.Forbidden or FaultCode.Invalid or FaultCode.Conflict)
        {
            // Nothing that goes by itself: somebody has to look, and then say go on.
            LogFailed(logger, tree.Id, tree.Path, fault.Reason);
            await writer.WriteAsync(
                transaction =>
                    RegistrationRows.End(
                        transaction,
                        tree.Id,
                        RegistrationState.Failed,
                        fault.Reason,
                        time.Now(),
                        item.Claim
                    ),
                CancellationToken.None
            );
        }
    }

    [LoggerMessage(4101, LogLevel.Information, "Registration {Id} of {Path} was looked through")]
    static partial void LogDone(ILogger logger, string id, string path);

    [LoggerMessage(4106, LogLevel.Information, "Registration {Id} of {Path} was removed")]
    static partial void LogRemoved(ILogger logger, string id, string path);

    [LoggerMessage(4102, LogLevel.Information, "Registration {Id} was cancelled or is in other hands")]
    static partial void LogStopped(ILogger logger, string id);

    [LoggerMessage(4103, LogLevel.Warning, "Registration {Id} of {Path} cannot go on: {Reason}")]
    static partial void LogFailed(ILogger logger, string id, string path, string reason);
}
