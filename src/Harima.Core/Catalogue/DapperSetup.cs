using System.Data;
using Dapper;

namespace Harima.Catalogue;

/// <summary>How values cross into SQL: times are microseconds since 1970 UTC on both databases.</summary>
static class DapperSetup
{
    static readonly Lock Gate = new();
    static bool _done;

    public static void Once()
    {
        lock (Gate)
        {
            if (_done)
                return;
            DefaultTypeMap.MatchNamesWithUnderscores = true;
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset));
            SqlMapper.RemoveTypeMap(typeof(DateTimeOffset?));
            SqlMapper.AddTypeHandler(new InstantHandler());
            _done = true;
        }
    }

    sealed class InstantHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToMicroseconds();
        }

        public override DateTimeOffset Parse(object value) =>
            Instant.FromMicroseconds(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
    }
}

/// <summary>Times as the catalogue keeps them: whole microseconds since 1970-01-01T00:00:00Z.</summary>
static class Instant
{
    public static long ToMicroseconds(this DateTimeOffset at) =>
        (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset FromMicroseconds(long value) =>
        DateTimeOffset.UnixEpoch.AddTicks(value * TimeSpan.TicksPerMicrosecond);

    /// <summary>Cut to what the catalogue can keep, so that a value compares equal after a round trip.</summary>
    public static DateTimeOffset Now(this TimeProvider time) => FromMicroseconds(time.GetUtcNow().ToMicroseconds());
}
