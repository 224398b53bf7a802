using System.Data.Common;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Harima.Catalogue;

/// <summary>
/// The one way to change the catalogue. Changes asked for at the same time share one transaction and so one fsync
/// (group commit). Refusals are rare, so they run without savepoints, which cost as much as a statement each; if one is refused,
/// all are run again, each inside a savepoint, so that it takes nobody else down.
/// </summary>
/// <remarks>
/// A dedicated thread writes. SQLite allows one writer anyway, and on PostgreSQL one ordered writer per process cannot
/// deadlock with itself. Callers wait for the commit: whoever gets an answer has a durable change.
/// </remarks>
public sealed class CatalogueWriter : IDisposable
{
    const int MostAttempts = 8;

    // Written by any request, read by the writer thread alone; when full, callers wait (back-pressure, nothing is dropped).
    readonly Channel<Change> _changes = Channel.CreateBounded<Change>(
        new BoundedChannelOptions(4096) { SingleReader = true }
    );
    readonly Database _database;
    readonly AccessGeneration _access;
    readonly int _maxBatch;
    readonly Thread _thread;
    readonly CancellationTokenSource _stopping = new();

    public CatalogueWriter(Database database, AccessGeneration access, IOptions<CatalogueOptions> options)
    {
        _database = database;
        _access = access;
        _maxBatch = options.Value.MaxBatch;
        _thread = new Thread(Run) { IsBackground = true, Name = "catalogue-writer" };
        _thread.Start();
    }

    /// <summary>Runs <paramref name="change"/> in a transaction and returns its result once it is durable.</summary>
    /// <param name="change">Plain, short SQL; it may be run again if the database asks for a retry, so no side effects.</param>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, T> change, CancellationToken cancellationToken)
    {
        var pending = new Change<T>(change);
        await _changes.Writer.WriteAsync(pending, cancellationToken);
        // Not cancellable from here on: the change may already be committed and the caller has files to put in place.
        return await pending.Task;
    }

    /// <summary>
    /// As above, for a change of one file: on PostgreSQL nobody else changes the same key, on any replica, until the
    /// transaction ends. So what it reads of the key is what it replaces.
    /// </summary>
    internal async Task<T> WriteAsync<T>(
        long bucketId,
        string key,
        Func<DbTransaction, T> change,
        CancellationToken cancellationToken
    )
    {
        var pending = new Change<T>(change) { About = new FileKey(bucketId, key) };
        await _changes.Writer.WriteAsync(pending, cancellationToken);
        return await pending.Task;
    }

    public Task WriteAsync(Action<DbTransaction> change, CancellationToken cancellationToken) =>
        WriteAsync(
            transaction =>
            {
                change(transaction);
                return true;
            },
            cancellationToken
        );

    void Run()
    {
        DbConnection? connection = null;
        var batch = new List<Change>(_maxBatch);
        while (WaitForMore())
        {
            batch.Clear();
            while (batch.Count < _maxBatch && _changes.Reader.TryRead(out var change))
                batch.Add(change);
            try
            {
                connection ??= _database.OpenForWriting();
                Commit(connection, batch);
            }
            catch (Exception fault)
            {
                // The edge of the writer: whatever the database threw belongs to everyone in this batch. It may have been committed.
                _access.Tell(0);
                connection?.Dispose();
                connection = null;
                _database.SettleWatched();
                foreach (var change in batch)
                    change.Fail(CatalogueFull.Translate(fault));
            }
        }
        connection?.Dispose();
    }

    bool WaitForMore()
    {
        try
        {
            // A dedicated thread may block.
            return _changes.Reader.WaitToReadAsync(_stopping.Token).AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    void Commit(DbConnection connection, List<Change> batch)
    {
        var careful = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var transaction = connection.BeginTransaction();
                if (_database.Dialect == Dialect.Postgres)
                    LockKeys(transaction, batch);
                if (careful)
                    foreach (var change in batch)
                        RunOne(transaction, change);
                else if (TryRunAll(transaction, batch) is { } refusal)
                {
                    transaction.Rollback();
                    _database.SettleWatched();
                    careful = true;
                    if (batch.Count > 1)
                        continue;
                    batch[0].Refuse(refusal);
                    break;
                }
                var generation = _access.Foresee(transaction);
                transaction.Commit();
                _access.Tell(generation);
                _database.SettleWatched();
                break;
            }
            catch (Exception fault) when (IsOver(fault) && attempt < MostAttempts)
            {
                // Another replica won a row (deadlock, serialisation): everything was rolled back, so run it all again.
            }
        }
        foreach (var change in batch)
            change.Complete();
    }

    /// <summary>Whether it is the whole transaction's end and no refusal of one change, and may go well the next time.</summary>
    static bool IsOver(Exception fault) => fault is OvertakenException or DbException { IsTransient: true };

    /// <summary>
    /// Locks what the batch is about, all at once and in one order, and puts the batch into one order: two replicas whose
    /// batches meet in keys and sequences then wait for one another instead of dying in each other's arms.
    /// </summary>
    static void LockKeys(DbTransaction transaction, List<Change> batch)
    {
        var about = batch.Where(change => change.About is not null).ToList();
        if (about.Count == 0)
            return;
        var ids = about.Select(change => change.About!.Value.LockId).Distinct().Order().ToArray();
        using (var command = transaction.Connection!.CreateCommand())
        {
            command.Transaction = transaction;
            command.CommandText = "SELECT pg_advisory_xact_lock(id) FROM unnest(@ids) AS id";
            var parameter = command.CreateParameter();
            parameter.ParameterName = "ids";
            parameter.Value = ids;
            command.Parameters.Add(parameter);
            command.ExecuteNonQuery();
        }
        // Nobody waits for two changes of one batch, so any order of them will do; files first, by key.
        var others = batch.Where(change => change.About is null).ToList();
        batch.Clear();
        batch.AddRange(
            about
                .OrderBy(change => change.About!.Value.BucketId)
                .ThenBy(change => change.About!.Value.Key, StringComparer.Ordinal)
        );
        batch.AddRange(others);
    }

    readonly record struct FileKey(long BucketId, string Key)
    {
        public long LockId => unchecked((long)XxHash3.HashToUInt64(MemoryMarshal.AsBytes(Key.AsSpan()), BucketId));
    }

    /// <returns>The first refusal, if there is one; then the transaction is of no use any more.</returns>
    static Exception? TryRunAll(DbTransaction transaction, List<Change> batch)
    {
        try
        {
            foreach (var change in batch)
                change.Run(transaction);
            return null;
        }
        catch (Exception fault) when (!IsOver(fault) && !CatalogueFull.Is(fault))
        {
            return fault;
        }
    }

    static void RunOne(DbTransaction transaction, Change change)
    {
        transaction.Save("change");
        try
        {
            change.Run(transaction);
        }
        // SQLite gives the whole transaction up when its disk is full, so it is everybody's refusal.
        catch (Exception fault) when (!IsOver(fault) && !CatalogueFull.Is(fault))
        {
            change.Refuse(fault);
            transaction.Rollback("change");
        }
        transaction.Release("change");
    }

    public void Dispose()
    {
        _changes.Writer.TryComplete();
        _thread.Join(TimeSpan.FromSeconds(30));
        _stopping.Cancel();
        _stopping.Dispose();
    }

    abstract class Change
    {
        /// <summary>The file it changes; null for anything else.</summary>
        public FileKey? About { get; init; }

        public abstract void Run(DbTransaction transaction);

        public abstract void Refuse(Exception fault);

        public abstract void Complete();

        public abstract void Fail(Exception fault);
    }

    sealed class Change<T>(Func<DbTransaction, T> work) : Change
    {
        readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T _result = default!;
        Exception? _refusal;

        public Task<T> Task => _done.Task;

        public override void Run(DbTransaction transaction)
        {
            _refusal = null;
            _result = work(transaction);
        }

        public override void Refuse(Exception fault) => _refusal = UnkeptText.Translate(fault);

        public override void Complete()
        {
            if (_refusal is not null)
                _done.TrySetException(_refusal);
            else
                _done.TrySetResult(_result);
        }

        public override void Fail(Exception fault) => _done.TrySetException(_refusal ?? fault);
    }
}
