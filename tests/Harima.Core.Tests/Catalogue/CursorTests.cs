using System.Text;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Core.Tests.Catalogue;

/// <summary>Cursors come back from anybody, and in any state.</summary>
public sealed class CursorTests
{
    static string Of(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=');

    [Fact]
    public void What_was_put_in_comes_out()
    {
        var values = Cursor.Decode(Cursor.Encode("日付", true, 12L, 0.5, null!), 5);
        Assert.Equal("日付", values[0].GetString());
        Assert.True(values[1].GetBoolean());
        Assert.Equal((12, 0.5), (values[2].GetInt64(), values[3].GetDouble()));
        Assert.True(values[4].IsNull);
        Assert.Null(values[4].FindString());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("%%%")]
    [InlineData("")]
    public void What_is_no_cursor_is_refused(string cursor) =>
        Assert.Equal("bad-cursor", Assert.Throws<FaultException>(() => Cursor.Decode(cursor, 1)).Reason);

    [Theory]
    [InlineData("[]")]
    [InlineData("[1, 2]")]
    [InlineData("{}")]
    public void One_with_another_number_of_values_is_refused(string json) =>
        Assert.Equal("bad-cursor", Assert.Throws<FaultException>(() => Cursor.Decode(Of(json), 1)).Reason);

    [Fact]
    public void A_value_of_another_kind_is_refused_where_it_is_read()
    {
        void Refuses(string json, Action<CursorValue> read) =>
            Assert.Equal("bad-cursor", Assert.Throws<FaultException>(() => read(Cursor.Decode(Of(json), 1)[0])).Reason);
        foreach (var json in new[] { "[\"x\"]", "[null]", "[1.5]", "[1e40]", "[[]]" })
            Refuses(json, value => value.GetInt64());
        foreach (var json in new[] { "[\"x\"]", "[1e999]", "[true]" })
            Refuses(json, value => value.GetDouble());
        foreach (var json in new[] { "[1]", "[null]", "[\"\\ud800\"]", "[\"a\\u0000\"]" })
            Refuses(json, value => value.GetString());
        Refuses("[1]", value => value.GetBoolean());
        Refuses("[{}]", value => value.FindString());
        Assert.Equal("bad-cursor", Assert.Throws<FaultException>(() => Cursor.IdOf(Of("[\"x\"]"))).Reason);
    }
}
