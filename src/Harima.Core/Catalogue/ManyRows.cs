using System.Data.Common;

namespace Harima.Catalogue;

/// <summary>Writes many rows of one table.</summary>
/// <remarks>
/// On PostgreSQL in one statement, since a round trip costs more than a row does. SQLite is in this process and takes one at a time, by a
/// statement that is kept ready; of many parameters it would look up each by its name among all.
/// </remarks>
static class ManyRows
{
    /// <param name="rows">Plain values in the order of the columns; together at most some thousands on PostgreSQL, which numbers them.</param>
    /// <param name="end">May return an id and a row of what was written.</param>
    /// <returns>What <paramref name="end"/> returned.</returns>
    public static List<(string Id, long Row)> Insert(
        DbTransaction transaction,
        Dialect dialect,
        string table,
        string[] columns,
        IReadOnlyList<object?[]> rows,
        string end = ""
    )
    {
        var returned = new List<(string, long)>();
        if (rows.Count == 0)
            return returned;
        var together = dialect == Dialect.Postgres ? rows.Count : 1;
        using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        var names = Enumerable
            .Range(0, together)
            .Select(row => columns.Select((_, column) => FormattableString.Invariant($"@v{row}_{column}")).ToArray())
            .ToArray();
        var values = string.Join(", ", names.Select(row => $"({string.Join(", ", row)})"));
        command.CommandText = $"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES {values} {end}";
        foreach (var name in names.SelectMany(row => row))
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            command.Parameters.Add(parameter);
        }
        for (var first = 0; first < rows.Count; first += together)
        {
            for (var n = 0; n < command.Parameters.Count; n++)
                command.Parameters[n].Value = rows[first + n / columns.Length][n % columns.Length] ?? DBNull.Value;
            if (end.Length == 0)
            {
                command.ExecuteNonQuery();
                continue;
            }
            using var reader = command.ExecuteReader();
            while (reader.Read())
                returned.Add((reader.GetString(0), reader.GetInt64(1)));
        }
        return returned;
    }
}
