using Sightline.Diagnosis;

namespace Sightline.Tests;

public sealed class ColumnMapTests : LogFiles
{
    [Fact]
    public void A_mapping_names_the_columns()
    {
        TrainingLog log = Read("log.csv", "t,a,b,c,d\n1,9,0.5,8,1e-3\n2,7,0.75,6,1e-4\n", "epoch=t, train_loss = a,val_accuracy=b,val_loss=c,lr=d");
        Same([Point(1, 9, valLoss: 8, valAccuracy: 0.5, rate: 1e-3), Point(2, 7, valLoss: 6, valAccuracy: 0.75, rate: 1e-4)], log.Epochs);
    }

    [Fact]
    public void What_is_not_mapped_is_found_by_name() =>
        Same([Point(1, 9, valLoss: 3), Point(2, 7, valLoss: 2)], Read("log.csv", "epoch,loss,train_loss,val_loss\n1,9,5,3\n2,7,4,2\n", "train_loss=loss").Epochs);

    [Fact]
    public void Parts_are_added_up() =>
        Same([Point(1, 3, valLoss: 3), Point(2, 7, valLoss: 2)], Read("log.csv", "epoch,a,b,val_loss\n1,1,2,3\n2,3,4,2\n", "train_loss=a+b").Epochs);

    [Fact]
    public void A_mapped_step_takes_the_epochs_place() =>
        Same([Point(10, 1, valLoss: 3), Point(20, 3, valLoss: 2)], Read("log.csv", "epoch,n,loss,val_loss\n1,10,1,3\n2,20,3,2\n", "step=n").Epochs);

    [Theory]
    [InlineData("epoch=a,trian_loss=b", "Did you mean train_loss?")]
    [InlineData("zzzzzzz=b", "The keys are epoch, step, lr, train_loss")]
    [InlineData("epoch", "gives no column for epoch")]
    [InlineData("epoch=", "gives no column for epoch")]
    [InlineData("lr=a,lr=b", "gives lr twice")]
    [InlineData("", "is empty")]
    [InlineData(" , ", "is empty")]
    public void A_mapping_that_is_none(string text, string says)
    {
        BadInputException error = Assert.Throws<BadInputException>(() => ColumnMap.Parse(text));
        Assert.Equal("log-map", error.Code);
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_that_is_not_there_is_answered_with_the_nearest()
    {
        BadInputException error = Refused("log.csv", "epoch,my_loss,other\n1,2,3\n2,3,4\n", "train_loss=my_los,val_loss=other");
        Assert.Equal("log-map-column", error.Code);
        Assert.Contains("Did you mean my_loss?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_without_a_header_have_numbers()
    {
        const string Text = "1,2.5,0.5\n2,2.0,0.75\n";
        BadInputException error = Refused("log.csv", Text);
        Assert.Equal("log-no-header", error.Code);
        Assert.Equal(1, error.Line);
        Assert.Contains("--map epoch=1", error.Message, StringComparison.Ordinal);
        Same([Point(1, 2.5, valAccuracy: 0.5), Point(2, 2, valAccuracy: 0.75)], Read("log.csv", Text, "epoch=1,train_loss=2,val_accuracy=3").Epochs);
    }
}
