using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Microsoft.Data.Sqlite;

namespace Harima.Core.Tests.Catalogue;

/// <summary>The writer's own connection does what the driver's does, statement for statement.</summary>
public sealed class KeptStatementsTests : IDisposable
{
    readonly KeptStatements _kept = new(Opened());
    readonly SqliteConnection _driver = Opened();

    static SqliteConnection Opened()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        connection.Execute(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, whole INTEGER, real REAL, text TEXT UNIQUE, bytes BLOB, any)"
        );
        return connection;
    }

    public void Dispose()
    {
        _kept.Dispose();
        _driver.Dispose();
    }

    static readonly object?[] Values =
    [
        null,
        "",
        "ケイ素 Si₃N₄ 𠮷",
        "a\"b'c",
        new string('長', 3000),
        0L,
        long.MinValue,
        7,
        true,
        false,
        1.5,
        double.NegativeInfinity,
        (short)-3,
        Array.Empty<byte>(),
        new byte[] { 0, 255, 1 },
    ];

    [Fact]
    public void Values_come_back_as_from_the_driver()
    {
        foreach (var value in Values)
        foreach (var column in (string[])["whole", "real", "text", "bytes", "any"])
            Assert.Equal(Through(_driver, column, value), Through(_kept, column, value));
    }

    static (object?, Type, string) Through(DbConnection connection, string column, object? value)
    {
        connection.Execute("DELETE FROM t WHERE id > 0");
        Assert.Equal(1, connection.Execute($"INSERT INTO t (id, {column}) VALUES (1, @value)", new { value }));
        using var reader = connection.ExecuteReader($"SELECT {column}, typeof({column}) FROM t");
        Assert.True(reader.Read());
        var found = reader.GetValue(0);
        return (
            found is byte[] bytes ? Convert.ToHexString(bytes) : found,
            reader.GetFieldType(0),
            reader.GetString(1)
        );
    }

    sealed record Row(long Id, long? Whole, double? Real, string? Text, byte[]? Bytes);

    [Fact]
    public void Rows_are_read_whatever_was_null_in_the_row_before()
    {
        foreach (var connection in (DbConnection[])[_driver, _kept])
        {
            for (var n = 1; n <= 4; n++)
                connection.Execute(
                    "INSERT INTO t (id, whole, real, text, bytes) VALUES (@n, @whole, @real, @text, @bytes)",
                    new
                    {
                        n,
                        whole = n % 2 == 0 ? (long?)n : null,
                        real = n % 2 == 0 ? null : (double?)n,
                        text = n < 3 ? null : $"x{n}",
                        bytes = n < 3 ? new[] { (byte)n } : null,
                    }
                );
            var rows = connection.Query<Row>("SELECT id, whole, real, text, bytes FROM t ORDER BY id").AsList();
            Assert.Equal([null, 2L, null, 4L], rows.Select(row => row.Whole));
            Assert.Equal([1.0, null, 3.0, null], rows.Select(row => row.Real));
            Assert.Equal([null, null, "x3", "x4"], rows.Select(row => row.Text));
            Assert.Equal<byte[]?>(
                [
                    [1],
                    [2],
                    null,
                    null,
                ],
                rows.Select(row => row.Bytes)
            );
        }
    }

    [Fact]
    public void Statements_of_one_text_run_in_order_each_made_ready_when_it_is_reached()
    {
        var answer = _kept.Query<long>(
            """
            CREATE TABLE later (n INTEGER); -- needed by the next
            INSERT INTO later VALUES (@first), (@second);
            SELECT n FROM later WHERE n >= @second ORDER BY n;
            INSERT INTO later VALUES (@first + 10);
            """,
            new { first = 1, second = 2 }
        );
        Assert.Equal([2L], answer);
        // What comes after the answer has run too.
        Assert.Equal(3, _kept.ExecuteScalar<long>("SELECT COUNT(*) FROM later"));
    }

    [Fact]
    public void It_counts_the_rows_that_were_changed_and_no_others()
    {
        Assert.Equal(3, _kept.Execute("INSERT INTO t (whole) VALUES (1), (1), (2)"));
        Assert.Equal(2, _kept.Execute("UPDATE t SET real = 1 WHERE whole = @whole", new { whole = 1 }));
        Assert.Equal(0, _kept.Execute("UPDATE t SET real = 1 WHERE whole = @whole", new { whole = 9 }));
        Assert.Equal(0, _kept.Execute("CREATE TABLE other (n INTEGER)"));
        Assert.Equal(0, _kept.Execute("INSERT INTO t (id) VALUES (1) ON CONFLICT DO NOTHING"));
        Assert.Equal([1L, 2L], _kept.Query<long>("UPDATE t SET real = 2 WHERE whole = 1 RETURNING id"));
    }

    [Fact]
    public void The_same_text_takes_its_values_in_any_order_and_by_any_spelling()
    {
        const string Text = "SELECT @a || '-' || @b";
        Assert.Equal("1-2", _kept.ExecuteScalar<string>(Text, new { a = "1", b = "2" }));
        Assert.Equal("1-2", _kept.ExecuteScalar<string>(Text, new { b = "2", a = "1" }));
        Assert.Equal(
            "1-2",
            _kept.ExecuteScalar<string>(
                Text,
                new
                {
                    b = "2",
                    unused = 5,
                    a = "1",
                }
            )
        );
        using var command = _kept.CreateCommand();
        command.CommandText = Text;
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("@b", "4"), ("@a", "3")])
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        Assert.Equal("3-4", command.ExecuteScalar());
    }

    [Fact]
    public void A_value_that_is_missing_or_cannot_be_kept_is_refused_by_name()
    {
        Assert.Contains(
            "@b",
            Assert.Throws<InvalidOperationException>(() => _kept.Execute("SELECT @a, @b", new { a = 1 })).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Guid",
            Assert.Throws<InvalidOperationException>(() => _kept.Execute("SELECT @a", new { a = Guid.Empty })).Message,
            StringComparison.Ordinal
        );
        // Nothing of it is left for the next.
        Assert.Equal(3, _kept.ExecuteScalar<long>("SELECT @a", new { a = 3 }));
    }

    [Fact]
    public void A_refusal_is_the_drivers_and_the_statement_can_be_used_again()
    {
        const string Text = "INSERT INTO t (text) VALUES (@text)";
        foreach (var connection in (DbConnection[])[_driver, _kept])
        {
            connection.Execute(Text, new { text = "once" });
            var refusal = Assert.Throws<SqliteException>(() => connection.Execute(Text, new { text = "once" }));
            Assert.Equal((19, 2067), (refusal.SqliteErrorCode, refusal.SqliteExtendedErrorCode));
            Assert.Contains("t.text", refusal.Message, StringComparison.Ordinal);
            connection.Execute(Text, new { text = "twice" });
            Assert.Throws<SqliteException>(() => connection.Execute("NONSENSE FROM t"));
            Assert.Equal(2, connection.ExecuteScalar<long>("SELECT COUNT(*) FROM t"));
        }
    }

    [Fact]
    public void A_reading_that_is_given_up_does_not_stand_in_the_way_of_the_commit()
    {
        _kept.Execute("INSERT INTO t (whole) VALUES (1), (2), (3)");
        using (var transaction = _kept.BeginTransaction())
        {
            transaction.Save("one");
            Assert.Equal(1, _kept.QueryFirst<long>("SELECT whole FROM t ORDER BY whole", transaction: transaction));
            _kept.Execute("DELETE FROM t WHERE whole = 1", transaction: transaction);
            transaction.Rollback("one");
            transaction.Release("one");
            _kept.Execute("DELETE FROM t WHERE whole = 3", transaction: transaction);
            transaction.Commit();
        }
        Assert.Equal([1L, 2L], _kept.Query<long>("SELECT whole FROM t ORDER BY whole"));
    }
}
