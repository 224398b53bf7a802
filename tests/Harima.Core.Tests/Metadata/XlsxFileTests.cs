using System.Diagnostics;
using Harima.Metadata.Tables;

namespace Harima.Core.Tests.Metadata;

public sealed class XlsxFileTests
{
    static readonly IReadOnlyList<IReadOnlyList<TableCell>> Table =
    [
        [new("sequence"), new("試料"), new("energy")],
        [new("S0001"), new("Pt/C <&> \"x\"\nline 2"), new("8.00", true)],
        [new("S0002"), default, new("-1.5e-7", true)],
    ];

    static string? Python(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/python3")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments.Prepend(script).Prepend("-c"))
            start.ArgumentList.Add(argument);
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }

    static void RequireOpenpyxl() => Assert.SkipWhen(Python("import openpyxl") is null, "python3-openpyxl is not here");

    [Fact]
    public void Openpyxl_reads_what_is_written()
    {
        RequireOpenpyxl();
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".xlsx");
        try
        {
            using (var stream = File.Create(file))
                XlsxFile.Write(stream, "metadata", Table);
            var read = Python(
                "import openpyxl,sys,json; w=openpyxl.load_workbook(sys.argv[1]).active; print(w.title, w.freeze_panes, json.dumps([[c.value for c in r] for r in w.rows], ensure_ascii=False))",
                file
            );
            Assert.Equal(
                "metadata A2 [[\"sequence\", \"試料\", \"energy\"], [\"S0001\", \"Pt/C <&> \\\"x\\\"\\nline 2\", 8.0], [\"S0002\", null, -1.5e-07]]",
                read!.Trim()
            );
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void What_openpyxl_writes_is_read_dates_and_shared_texts_and_all()
    {
        RequireOpenpyxl();
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".xlsx");
        try
        {
            Assert.NotNull(
                Python(
                    "import openpyxl,sys,datetime; b=openpyxl.Workbook(); w=b.active; w.append(['a','a','銀',1.25,True,datetime.date(2026,4,12),datetime.datetime(2026,4,12,9,30)]); w.append([]); w.append([None,None,'x']); b.create_sheet('other').append(['no']); b.save(sys.argv[1])",
                    file
                )
            );
            using var stream = File.OpenRead(file);
            var rows = XlsxFile.Read(stream, 100);
            Assert.Equal(
                "a|a|銀|1.25|true|2026-04-12|2026-04-12 09:30:00",
                string.Join('|', rows[0].Select(cell => cell.Text))
            );
            Assert.Equal([false, false, false, true], rows[0].Take(4).Select(cell => cell.IsNumber));
            Assert.Equal("||x", string.Join('|', rows[1].Select(cell => cell.Text)));
            Assert.Equal(2, rows.Count);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Real_workbooks_of_a_measurement_are_read_as_openpyxl_reads_them()
    {
        RequireOpenpyxl();
        var root =
            Environment.GetEnvironmentVariable("HARIMA_TEST_DATA")
            ?? Path.Combine(House.Repository.Root, "..", "shared", "data");
        var file = Path.Combine(root, "spring8-fuel-cell", "fcbenten_standard_sample_data.xlsx");
        Assert.SkipUnless(File.Exists(file), $"{file} is not here");
        var counted = Python(
                "import openpyxl,sys; w=openpyxl.load_workbook(sys.argv[1],data_only=True).worksheets[0]; r=[[c.value for c in x] for x in w.rows]; r=[x for x in r if any(v not in (None,'') for v in x)]; print(len(r), sum(1 for x in r for v in x if v not in (None,'')), [v for v in r[0] if v is not None][0])",
                file
            )!
            .Trim();
        using var stream = File.OpenRead(file);
        var rows = XlsxFile.Read(stream, 100_000);
        Assert.Equal(
            counted,
            $"{rows.Count} {rows.Sum(row => row.Count(cell => !cell.IsEmpty))} {rows[0].First(cell => !cell.IsEmpty).Text}"
        );
    }

    [Fact]
    public void A_text_that_looks_like_an_escape_and_control_characters_come_back()
    {
        const string odd = "_x0041_ \u0001 _x_ \ttab";
        using var stream = new MemoryStream();
        XlsxFile.Write(
            stream,
            "odd",
            [
                [new(odd)],
            ]
        );
        stream.Position = 0;
        Assert.Equal(odd, XlsxFile.Read(stream, 1)[0][0].Text);
    }

    [Fact]
    public void What_is_no_workbook_is_refused()
    {
        var fault = Assert.Throws<Faults.FaultException>(() => TableFile.Read([(byte)'P', (byte)'K', 3, 4, 5]));
        Assert.Equal("table-unreadable", fault.Reason);
        Assert.Throws<Faults.FaultException>(() => TableFile.Read("a,\"b"u8.ToArray()));
    }

    [Theory]
    [InlineData("a;b\r\n1;2", "a|b/1|2")]
    [InlineData("a\tb\n\n1\t2\n", "a|b/1|2")]
    [InlineData("a,\"b,\"\"c\"\"\nd\"\n'=1+1,", "a|b,\"c\"\nd/=1+1|")]
    public void Comma_separated_text_of_any_spreadsheet_is_read(string text, string expected) =>
        Assert.Equal(
            expected,
            string.Join('/', CsvText.Read(text, 10).Select(row => string.Join('|', row.Select(cell => cell.Text))))
        );

    [Fact]
    public void What_Excel_saves_in_Japan_is_read()
    {
        // "試料" in code page 932.
        Assert.Equal("試料", CsvText.Read(CsvText.Decode([0x8E, 0x8E, 0x97, 0xBF]), 1)[0][0].Text);
    }

    [Fact]
    public void A_text_a_spreadsheet_would_compute_is_guarded_and_comes_back()
    {
        IReadOnlyList<TableCell> row = [new("=1+1"), new("'x"), new("@cmd"), new("-5", true)];
        var text = CsvText.Write([row]);
        Assert.Equal("\uFEFF'=1+1,''x,'@cmd,-5\r\n", text);
        Assert.Equal(row.Select(cell => cell.Text), CsvText.Read(text, 1)[0].Select(cell => cell.Text));
    }
}
