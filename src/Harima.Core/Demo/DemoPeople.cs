namespace Harima.Demo;

/// <summary>Somebody of the demo facility.</summary>
/// <param name="Role">admin, staff, leader, member or stranger: what they are first of all.</param>
sealed record DemoPerson(string Id, string Name, string Role)
{
    public string Email => $"{Id}@harima.example";
}

/// <summary>Who there is. The five whose ids are their roles are what scripts and tutorials use.</summary>
static class DemoPeople
{
    public static readonly IReadOnlyList<DemoPerson> All =
    [
        new("admin", "中村 裕子 (Yuko Nakamura)", "admin"),
        new("staff", "木村 誠 (Makoto Kimura)", "staff"),
        new("leader", "佐藤 健一 (Kenichi Sato)", "leader"),
        new("member", "鈴木 美咲 (Misaki Suzuki)", "member"),
        new("stranger", "田中 翔 (Sho Tanaka)", "stranger"),
        new("kobayashi", "小林 陽子 (Yoko Kobayashi)", "staff"),
        new("takahashi", "高橋 葵 (Aoi Takahashi)", "leader"),
        new("watanabe", "渡辺 蓮 (Ren Watanabe)", "leader"),
        new("ito", "伊藤 結衣 (Yui Ito)", "leader"),
        new("yamamoto", "山本 大輔 (Daisuke Yamamoto)", "leader"),
    ];

    public static DemoPerson Get(string id) => All.Single(person => person.Id == id);
}
