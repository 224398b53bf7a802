using System.Data.Common;

namespace Harima.Catalogue;

/// <summary>
/// The number that rises with every change that could change who may do what. What was looked up after it was N holds as
/// long as it is N, on every replica: rights taken back count from the next request.
/// </summary>
/// <remarks>
/// The tables raise it themselves (<c>0050_access_generation.sql</c>), in the transaction of the change. On SQLite this process
/// is the only writer and its writer tells the number before anybody is told of the change; on PostgreSQL it is asked for, by
/// one query that all requests share which came before it was sent.
/// </remarks>
public sealed class AccessGeneration(Database database)
{
    const string Sql = "SELECT value FROM access_generation";

    readonly Lock _gate = new();

    // 0 while it is not known; only the catalogue writer sets it, and only on SQLite.
    long _told;

    // The query that has not been sent yet; whoever finds one may share it. Guarded by _gate.
    Task<long>? _toBeSent;
    Task _underWay = Task.CompletedTask;

    /// <summary>The number now. Ask before looking up what is to be remembered under it.</summary>
    public ValueTask<long> NowAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _told) is var told and > 0)
            return ValueTask.FromResult(told);
        return new ValueTask<long>(SharedAsync().WaitAsync(cancellationToken));
    }

    /// <summary>Before a commit: what the number will be; 0 where the table does not exist yet.</summary>
    internal long Foresee(DbTransaction transaction)
    {
        if (database.Dialect != Dialect.Sqlite)
            return 0;
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Sql;
        try
        {
            return (long)command.ExecuteScalar()!;
        }
        catch (DbException)
        {
            // Before the first migration.
            return 0;
        }
    }

    /// <summary>After a commit, before anybody is told of it. 0 where it is uncertain: then it is asked for.</summary>
    internal void Tell(long generation) => Volatile.Write(ref _told, generation);

    Task<long> SharedAsync()
    {
        lock (_gate)
        {
            if (_toBeSent is null)
            {
                // A query that has been sent may be older than what the caller must see; wait for the next one.
                var before = _underWay;
                _toBeSent = AfterAsync(before);
                _underWay = _toBeSent;
            }
            return _toBeSent;
        }
    }

    async Task<long> AfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        DbConnection connection;
        try
        {
            connection = await database.OpenAsync(CancellationToken.None);
        }
        finally
        {
            // From here on it counts as sent.
            lock (_gate)
                _toBeSent = null;
        }
        await using var opened = connection;
        await using var command = connection.CreateCommand();
        command.CommandText = Sql;
        return (long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
    }
}

/// <summary>Answers that hold while the access generation stands still. At most <paramref name="most"/>: names come from callers.</summary>
sealed class AccessCache<TKey, TValue>(int most)
    where TKey : notnull
    where TValue : class
{
    // Replaced as a whole when the generation moves.
    Held _held = new(0);

    public TValue? Find(long generation, TKey key)
    {
        var held = Volatile.Read(ref _held);
        return held.Generation == generation && held.Answers.TryGetValue(key, out var value) ? value : null;
    }

    /// <param name="generation">As it was before the value was looked up.</param>
    public void Add(long generation, TKey key, TValue value)
    {
        var held = Volatile.Read(ref _held);
        // A request that was overtaken by a change has nothing to say to those after it.
        if (held.Generation > generation)
            return;
        if (held.Generation < generation || Volatile.Read(ref held.Count) >= most)
        {
            var next = new Held(generation);
            var was = Interlocked.CompareExchange(ref _held, next, held);
            held = was == held ? next : was;
            if (held.Generation != generation)
                return;
        }
        if (held.Answers.TryAdd(key, value))
            Interlocked.Increment(ref held.Count);
    }

    sealed class Held(long generation)
    {
        public readonly long Generation = generation;
        public readonly System.Collections.Concurrent.ConcurrentDictionary<TKey, TValue> Answers = new();
        public int Count;
    }
}
